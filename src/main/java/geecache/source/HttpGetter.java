package geecache.source;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import geecache.BulkGetter;
import geecache.ByteView;
import geecache.Getter;
import geecache.KeyNotFoundException;
import geecache.OverloadedException;
import geecache.OwnedBytes;
import geecache.Value;
import geecache.internal.MediaType;
import geecache.source.OriginClient.OriginAnswer;
import geecache.source.OriginClient.TooLongAnswer;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.MessageHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Loads a key from a URL, or many keys with one request. {@code 200} is the value; {@code 404} and
 * {@code 410} say that the key is absent; every other status is a failure. The cause of a failure
 * is in the log only: clients get {@code load failed} and an id. The origin decides how long a
 * value lives; if it does not say, the group does. After that time the getter asks again with the
 * value's {@code ETag} or {@code Last-Modified}, and a {@code 304} renews the value. Safe for use
 * by many threads.
 *
 * <p>If the URL has {@code {keys}}, loads that arrive while others run are answered together. The
 * answer is {@code 200} with a JSON object in UTF-8, of which each member is named after a key, and
 * its JSON is the value. A key without a member, or with {@code null}, is absent; every other
 * status, {@code 404} too, fails all keys of the request. All values live as long as the answer
 * says, and are then loaded in full.
 *
 * <p>The getter remembers validators, but no values: the group keeps the old value, and passes it
 * to {@link Getter#reload}. The digest shows whether it is still the value that the validators
 * belong to, or was set or fetched from another node meanwhile.
 *
 * <p>The node that has its group closes this getter at its own end.
 */
public final class HttpGetter implements BulkGetter, AutoCloseable {
  private static final int OK = 200;
  private static final int NOT_MODIFIED = 304;
  private static final int NOT_FOUND = 404;
  private static final int GONE = 410;

  /** The characters of a key and its validators that one place is for. */
  private static final int CHARACTERS = 256;

  /** The most keys of a request. */
  private static final int MAX_KEYS = 100;

  /** The longest answer for many keys, in bytes, unless one value may be longer. */
  private static final int MAX_ANSWER = 64 << 20;

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
  private final int maxValueBytes;
  private final Cache<String, Validators> validators;

  /** Reads answers for many keys; null if the URL is for one key. */
  private final @Nullable JsonMembers members;

  HttpGetter(
      UrlTemplate url,
      Map<String, String> headers,
      boolean freshness,
      int validators,
      OriginClient client,
      int connections,
      int maxValueBytes) {
    this.url = url;
    this.headers = Map.copyOf(headers);
    this.freshness = freshness;
    this.client = client;
    this.connections = connections;
    this.maxValueBytes = maxValueBytes;
    this.members = url.isForMany() ? new JsonMembers() : null;
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
  public Value load(String key) throws Exception {
    return members == null ? value(key, ask(key, headers)) : BulkGetter.super.load(key);
  }

  /** Unless the URL has {@code {keys}}, asks for each key by itself. */
  @Override
  public Map<String, byte[]> getAll(Set<String> keys) throws Exception {
    Map<String, byte[]> found = new HashMap<>();
    if (members != null) {
      for (Map.Entry<String, Answer> answer : loadAll(keys).entrySet()) {
        found.put(answer.getKey(), answer.getValue().value().bytes().toByteArray());
      }
      return found;
    }
    for (String key : keys) {
      try {
        found.put(key, get(key));
      } catch (KeyNotFoundException absent) {
        continue; // Left out, as promised.
      }
    }
    return found;
  }

  /**
   * Sends more than one request if the URL would be longer than 8,000 characters. If one of several
   * fails, only its own keys fail. If an answer is too long or malformed, one value may be at
   * fault, and each key is asked for alone.
   */
  @Override
  public Map<String, Answer> loadAll(Set<String> keys) throws Exception {
    JsonMembers reader = members;
    if (reader == null) {
      return BulkGetter.super.loadAll(keys);
    }
    List<UrlTemplate.Part> parts = url.expandAll(keys);
    if (parts.size() == 1) {
      return loadPart(parts.get(0), reader);
    }
    Map<String, Answer> answers = new HashMap<>();
    for (UrlTemplate.Part part : parts) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      try {
        answers.putAll(loadPart(part, reader));
      } catch (IOException | OverloadedException failure) {
        Answer failed = Answer.failed(failure);
        part.keys().forEach(key -> answers.put(key, failed));
      }
    }
    return answers;
  }

  private Map<String, Answer> loadPart(UrlTemplate.Part part, JsonMembers reader)
      throws IOException, OverloadedException {
    OriginAnswer answer;
    try {
      answer = client.get(part.url(), headers, mostBytes(part.keys().size()));
    } catch (TooLongAnswer tooLong) {
      return eachAlone(part, tooLong);
    }
    if (answer.code() != OK) {
      throw new IOException(url.origin() + " answered " + answer.code());
    }
    requireUncompressed(answer.headers());
    Duration life = timeToLive(answer.headers());
    Map<String, byte[]> found;
    try {
      found = reader.read(answer.body(), Set.copyOf(part.keys()));
    } catch (IOException malformed) {
      throw new IOException(url.origin() + ": " + malformed.getMessage());
    }
    Map<String, Answer> answers = new HashMap<>();
    found.forEach(
        (key, json) -> answers.put(key, Answer.of(new Value(OwnedBytes.view(json), life))));
    return answers;
  }

  /** Has each key asked for alone. What is too long for one key is its failure. */
  private static Map<String, Answer> eachAlone(UrlTemplate.Part part, TooLongAnswer tooLong)
      throws TooLongAnswer {
    if (part.keys().size() == 1) {
      throw tooLong;
    }
    Map<String, Answer> answers = new HashMap<>();
    part.keys().forEach(key -> answers.put(key, Answer.askAlone()));
    return answers;
  }

  private int mostBytes(int keys) {
    return (int) Math.min((long) maxValueBytes * keys, Math.max(maxValueBytes, MAX_ANSWER));
  }

  @Override
  public Value reload(String key, ByteView old) throws Exception {
    Validators known = validators.getIfPresent(key); // Of a URL for one key.
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

  /** Returns how many keys a request may have: 1 unless the URL has {@code {keys}}. */
  @Override
  public int maxBatch() {
    return members == null ? 1 : MAX_KEYS;
  }

  /** Returns {@code application/json} if the URL has {@code {keys}}. */
  @Override
  public String contentType() {
    return members == null ? MediaType.OCTET_STREAM : MediaType.JSON;
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
