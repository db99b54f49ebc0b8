package geecache.source;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link HttpGetter} is to do. Made by {@link HttpGetter#builder}. {@link #url} is
 * required; all else has a default. Each option is checked when it is given. For one thread.
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
    headers.put(HttpGetter.ACCEPT_ENCODING, HttpGetter.UNCODED);
  }

  /**
   * Setting {@code url}, text, required: an {@code http} or {@code https} URL with {@code {key}}
   * once, in its path or its query, where the key is percent-encoded: {@code
   * https://api.example/users/{key}?full=1}. No user and no fragment. May hold a secret, and is
   * never told or logged beyond its host.
   *
   * <p>In a path, the keys {@code .} and {@code ..} are absent if they would be a whole segment,
   * and so are keys that have them between slashes ({@code ../x}): they would lead elsewhere. A
   * {@code /} in a key is sent as {@code %2F}, which some servers refuse: use the query there.
   */
  public HttpGetterBuilder url(String template) {
    this.url = new UrlTemplate(template);
    return this;
  }

  /** Setting {@code authorization}, a secret, none by default: the header of that name. */
  public HttpGetterBuilder authorization(String value) {
    return header("Authorization", value);
  }

  /**
   * In code only: a header of each request. What the getter itself sends, such as {@code
   * If-None-Match}, is refused.
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

  /** Setting {@code connections}, a number from 1 to 1000, 64 by default: at once, at most. */
  public HttpGetterBuilder connections(int most) {
    if (most < 1 || most > 1000) {
      throw new IllegalArgumentException("connections must be from 1 to 1000: " + most);
    }
    this.connections = most;
    return this;
  }

  /**
   * The group's {@code max-value-bytes}, at least 1, 16 MiB by default: a longer answer is a
   * failure, and is not read to its end.
   */
  public HttpGetterBuilder maxValueBytes(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("max-value-bytes must be positive: " + most);
    }
    this.maxValueBytes = most;
    return this;
  }

  /**
   * Setting {@code validators}, a number, 10,000 by default, 0 for none: of how many values the
   * {@code ETag} and {@code Last-Modified} are remembered, some 200 bytes each.
   */
  public HttpGetterBuilder validators(int most) {
    if (most < 0) {
      throw new IllegalArgumentException("validators must not be negative: " + most);
    }
    this.validators = most;
    return this;
  }

  /**
   * Setting {@code freshness}, {@code true} or {@code false}, {@code true} by default: whether what
   * the origin says by {@code Cache-Control}, {@code Expires} and {@code Age} goes before the
   * group's {@code time-to-live}. An answer that is {@code no-store} or {@code private} is then not
   * kept, and one that is {@code no-cache} is asked for again each time.
   */
  public HttpGetterBuilder freshness(boolean honoured) {
    this.freshness = honoured;
    return this;
  }

  /**
   * Setting {@code redirects}, {@code true} or {@code false}, {@code false} by default: whether
   * redirects are followed, within the origin, at most five. Else a redirect is a failure.
   */
  public HttpGetterBuilder redirects(boolean followed) {
    this.redirects = followed;
    return this;
  }

  /**
   * Makes the getter, and connects to nothing yet.
   *
   * @throws IllegalArgumentException if there is no url
   */
  public HttpGetter build() {
    UrlTemplate template = url;
    if (template == null) {
      throw new IllegalArgumentException("url is required");
    }
    OriginClient client =
        new OriginClient(
            template.origin(), timeLimit, connectTimeout, connections, maxValueBytes, redirects);
    return new HttpGetter(template, headers, freshness, validators, client);
  }

  private static Duration positive(String name, Duration time) {
    if (time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException(name + " must be positive: " + time);
    }
    return time;
  }
}
