package geecache.source;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Builds an {@link HttpGetter}. Made by {@link HttpGetter#builder}. {@link #url} is required; all
 * other options have defaults. Each option is checked when it is given. For one thread.
 */
public final class HttpGetterBuilder {
  private @Nullable UrlTemplate url;
  private final Map<String, String> headers = new LinkedHashMap<>();
  private Duration timeLimit = Duration.ofSeconds(5);
  private Duration connectTimeout = Duration.ofSeconds(1);
  private int connections = 64;
  private int maxValueBytes = 16 << 20;
  private int validators = 10_000;
  private boolean freshness = true;
  private boolean redirects;

  HttpGetterBuilder() {
    headers.put("User-Agent", "geecache");
    headers.put(HttpGetter.ACCEPT_ENCODING, HttpGetter.IDENTITY);
  }

  /**
   * Setting {@code url}, text, required: an {@code http} or {@code https} URL with {@code {key}}
   * once, in its path or its query, where the key is percent-encoded: {@code
   * https://api.example/users/{key}?full=1}. No user and no fragment. It may hold a secret:
   * messages and the log show its scheme, host and port only.
   *
   * <p>In a path, the keys {@code .} and {@code ..} are absent if they would be a whole segment,
   * and so are keys that have them between slashes ({@code ../x}) or before a semicolon ({@code
   * ..;x}), since they would lead to another resource. A {@code /} in a key is sent as {@code %2F}.
   * Some servers refuse that in a path; put the key into the query there.
   *
   * <p>With {@code {keys}} in place of {@code {key}}, one request asks for many keys, separated by
   * commas: {@code https://api.example/users?ids={keys}}. {@link HttpGetter} says what has to be
   * answered. Needs {@code tools.jackson.core:jackson-core}.
   */
  public HttpGetterBuilder url(String template) {
    this.url = new UrlTemplate(template);
    return this;
  }

  /** Setting {@code authorization}, a secret, none by default: the value of that header. */
  public HttpGetterBuilder authorization(String value) {
    return header("Authorization", value);
  }

  /**
   * Adds a header to each request; in code only. Headers that the getter itself sends, such as
   * {@code If-None-Match}, are refused.
   */
  public HttpGetterBuilder header(String name, String value) {
    if (!name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+")) {
      throw new IllegalArgumentException("a header's name must be a token: " + name);
    }
    if (name.toLowerCase(Locale.ROOT).matches("if-.*|host|connection|content-length|range")) {
      throw new IllegalArgumentException("this header is the getter's own: " + name);
    }
    if (!value.matches("[\\x20-\\x7e\\t]*")) {
      throw new IllegalArgumentException("the value of " + name + " must be printable ASCII");
    }
    headers.keySet().removeIf(name::equalsIgnoreCase);
    headers.put(name, value);
    return this;
  }

  /**
   * Setting {@code time-limit}, a duration, more than zero, 5 s by default: how long the whole
   * answer may take, redirects included.
   */
  public HttpGetterBuilder timeLimit(Duration limit) {
    this.timeLimit = positive("time-limit", limit);
    return this;
  }

  /** Setting {@code connect-timeout}, a duration, more than zero, 1 s by default. */
  public HttpGetterBuilder connectTimeout(Duration limit) {
    this.connectTimeout = positive("connect-timeout", limit);
    return this;
  }

  /** Setting {@code connections}, a number from 1 to 1000, 64 by default: the most at once. */
  public HttpGetterBuilder connections(int max) {
    if (max < 1 || max > 1000) {
      throw new IllegalArgumentException("connections must be from 1 to 1000: " + max);
    }
    this.connections = max;
    return this;
  }

  /**
   * The group's {@code max-value-bytes}, at least 1, 16 MiB by default: a longer answer is a
   * failure, and its rest is not read.
   */
  public HttpGetterBuilder maxValueBytes(int max) {
    if (max < 1) {
      throw new IllegalArgumentException("max-value-bytes must be positive: " + max);
    }
    this.maxValueBytes = max;
    return this;
  }

  /**
   * Setting {@code validators}, a number, 10,000 by default, 0 for none: for how many values the
   * getter remembers {@code ETag} and {@code Last-Modified}, about 200 bytes each. They are not
   * part of the group's memory. A key with validators of more than 256 characters takes the place
   * of several.
   */
  public HttpGetterBuilder validators(int max) {
    if (max < 0) {
      throw new IllegalArgumentException("validators must not be negative: " + max);
    }
    this.validators = max;
    return this;
  }

  /**
   * Setting {@code freshness}, {@code true} or {@code false}, {@code true} by default: whether the
   * origin's {@code Cache-Control}, {@code Expires} and {@code Age} take precedence over the
   * group's time to live. An answer with {@code no-store} or {@code private} is then not kept, and
   * one with {@code no-cache} is asked for again at each get.
   */
  public HttpGetterBuilder freshness(boolean isHonoured) {
    this.freshness = isHonoured;
    return this;
  }

  /**
   * Setting {@code redirects}, {@code true} or {@code false}, {@code false} by default: whether
   * redirects are followed, at most five and only within the origin. If not, a redirect is a
   * failure.
   */
  public HttpGetterBuilder redirects(boolean areFollowed) {
    this.redirects = areFollowed;
    return this;
  }

  /**
   * Returns the getter, which does not connect yet.
   *
   * @throws IllegalArgumentException if the url is missing
   * @throws IllegalStateException if it has {@code {keys}}, and a library is missing
   */
  public HttpGetter build() {
    UrlTemplate template = url;
    if (template == null) {
      throw new IllegalArgumentException("url is required");
    }
    OriginClient client =
        new OriginClient(
            template.origin(), timeLimit, connectTimeout, connections, maxValueBytes, redirects);
    try {
      return new HttpGetter(
          template, headers, freshness, validators, client, connections, maxValueBytes);
    } catch (NoClassDefFoundError absent) {
      client.close();
      throw new IllegalStateException(
          "a url with {keys} needs tools.jackson.core:jackson-core in the application", absent);
    }
  }

  private static Duration positive(String name, Duration time) {
    if (time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException(name + " must be positive: " + time);
    }
    return time;
  }
}
