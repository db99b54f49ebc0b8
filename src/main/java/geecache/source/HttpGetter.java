package geecache.source;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import geecache.ByteView;
import geecache.Getter;
import geecache.KeyNotFoundException;
import geecache.OwnedBytes;
import geecache.Value;
import geecache.source.OriginClient.OriginAnswer;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.MessageHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Loads a key from a URL. {@code 200} is the value; {@code 404} and {@code 410} say that the key is
 * absent; every other status is a failure. The cause of a failure is in the log only: clients get
 * {@code load failed} and an id. The origin decides how long a value lives; if it does not say, the
 * group does. After that time the getter asks again with the value's {@code ETag} or {@code
 * Last-Modified}, and a {@code 304} renews the value. Safe for use by many threads.
 *
 * <p>The getter remembers validators, but no values: the group keeps the old value, and passes it
 * to {@link Getter#reload}. The digest shows whether it is still the value that the validators
 * belong to, or was set or fetched from another node meanwhile.
 *
 * <p>The node that has its group closes this getter at its own end.
 */
public final class HttpGetter implements Getter, AutoCloseable {
  private static final int OK = 200;
  private static final int NOT_MODIFIED = 304;
  private static final int NOT_FOUND = 404;
  private static final int GONE = 410;

  /** The characters of a key and its validators that one place is for. */
  private static final int CHARACTERS = 256;

  static final String ACCEPT_ENCODING = "Accept-Encoding";
  static final String IDENTITY = "identity";

  /**
   * The validators of a key's last value from the origin.
   *
   * @param digest the digest of the value's bytes
   * @param timeToLive what the origin last said, for a {@code 304} that does not repeat it
   */
  private record Validators(
      @Nullable String etag,
      @Nullable String lastModified,
      long digest,
      @Nullable Duration timeToLive) {
    Validators withTimeToLive(Duration life) {
      return new Validators(etag, lastModified, digest, life);
    }

    /**
     * Returns how many places of ordinary validators these take: an origin decides their length.
     */
    int places(String key) {
      return 1 + (key.length() + length(etag) + length(lastModified)) / CHARACTERS;
    }

    private static int length(@Nullable String text) {
      return text == null ? 0 : text.length();
    }
  }

  private final UrlTemplate url;
  private final Map<String, String> headers;
  private final boolean freshness;
  private final OriginClient client;
  private final int connections;
  private final Cache<String, Validators> validators;

  HttpGetter(
      UrlTemplate url,
      Map<String, String> headers,
      boolean freshness,
      int validators,
      OriginClient client,
      int connections) {
    this.url = url;
    this.headers = Map.copyOf(headers);
    this.freshness = freshness;
    this.client = client;
    this.connections = connections;
    this.validators =
        Caffeine.newBuilder()
            .maximumWeight(validators)
            .<String, Validators>weigher((key, known) -> known.places(key))
            .executor(Runnable::run)
            .build();
  }

  /** Returns a builder. */
  public static HttpGetterBuilder builder() {
    return new HttpGetterBuilder();
  }

  @Override
  public byte[] get(String key) throws Exception {
    return load(key).bytes().toByteArray();
  }

  @Override
  public Value load(String key) throws Exception {
    return value(key, ask(key, headers));
  }

  @Override
  public Value reload(String key, ByteView old) throws Exception {
    Validators known = validators.getIfPresent(key);
    if (known == null || known.digest() != old.digest()) {
      return load(key);
    }
    Map<String, String> conditional = new HashMap<>(headers);
    if (known.etag() != null) {
      conditional.put("If-None-Match", known.etag());
    }
    if (known.lastModified() != null) {
      conditional.put("If-Modified-Since", known.lastModified());
    }
    OriginAnswer answer = ask(key, conditional);
    if (answer.code() != NOT_MODIFIED) {
      return value(key, answer);
    }
    Duration life = timeToLive(answer.headers());
    if (life == null) {
      return new Value(old, known.timeToLive());
    }
    validators.asMap().replace(key, known, known.withTimeToLive(life)); // RFC 9111, section 4.3.4.
    return new Value(old, life);
  }

  private OriginAnswer ask(String key, Map<String, String> with) throws Exception {
    URI target = url.expand(key).orElseThrow(() -> absent(key));
    return client.get(target, with);
  }

  private Value value(String key, OriginAnswer answer) throws Exception {
    switch (answer.code()) {
      case OK -> {
        requireUncompressed(answer.headers());
        ByteView bytes = OwnedBytes.view(answer.body());
        Duration life = timeToLive(answer.headers());
        remember(key, bytes, answer.headers(), life);
        return new Value(bytes, life);
      }
      case NOT_FOUND, GONE -> {
        validators.invalidate(key);
        throw absent(key);
      }
      default -> throw new IOException(url.origin() + " answered " + answer.code());
    }
  }

  /** Refuses a compressed value, since its clients would not be told that it is compressed. */
  private void requireUncompressed(MessageHeaders from) throws IOException {
    String coding = header(from, "Content-Encoding");
    boolean refusesCodings = IDENTITY.equals(headers.get(ACCEPT_ENCODING));
    if (refusesCodings && coding != null && !coding.equalsIgnoreCase(IDENTITY)) {
      throw new IOException(
          url.origin() + " answered in a coding that was not asked for: " + coding);
    }
  }

  private void remember(
      String key, ByteView bytes, MessageHeaders from, @Nullable Duration timeToLive) {
    String etag = header(from, "ETag");
    String lastModified = header(from, "Last-Modified");
    boolean kept = timeToLive == null || !timeToLive.isZero();
    if (kept && (etag != null || lastModified != null)) {
      validators.put(key, new Validators(etag, lastModified, bytes.digest(), timeToLive));
    } else {
      validators.invalidate(key);
    }
  }

  private @Nullable Duration timeToLive(MessageHeaders from) {
    return freshness ? Freshness.timeToLive(from) : null;
  }

  private static @Nullable String header(MessageHeaders from, String name) {
    Header header = from.getFirstHeader(name);
    return header == null ? null : header.getValue();
  }

  private static KeyNotFoundException absent(String key) {
    return new KeyNotFoundException("no such key: " + key);
  }

  /** Returns how many connections there are at most. */
  @Override
  public int maxLoads() {
    return connections;
  }

  /** Aborts open requests, and closes all connections. Closing twice does nothing. */
  @Override
  public void close() {
    client.close();
    validators.invalidateAll();
  }
}
