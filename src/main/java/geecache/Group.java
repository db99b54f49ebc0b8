package geecache;

import geecache.cache.Cache;
import geecache.cache.LruCache;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A namespace of keys with one {@link Getter} and one budget of bytes. Made by {@link
 * Geecache#newGroup}. Safe for use by many threads.
 */
public final class Group {
  /** The longest key that a group takes, in bytes of UTF-8. */
  public static final int MAX_KEY_BYTES = 2048;

  private static final Logger log = LoggerFactory.getLogger(Group.class);

  private final String name;
  private final Getter getter;
  private final Cache<ByteView> cache;

  Group(String name, long maxBytes, Getter getter) {
    this.name = name;
    this.getter = getter;
    this.cache = new LruCache<>(maxBytes, (key, value) -> {});
  }

  /** Returns the name under which the node knows this group. */
  public String name() {
    return name;
  }

  /**
   * Returns the value of {@code key}: from memory, or else loaded by the getter and stored. Blocks
   * as long as the getter does. After a failure nothing is stored, and the next get loads again.
   *
   * @throws KeyNotFoundException if the source says that there is no such key
   * @throws LoadException if the source failed
   * @throws IllegalArgumentException if {@link #requireKey} refuses the key
   */
  public ByteView get(String key) throws CacheException {
    requireKey(key);
    ByteView hit = cache.get(key);
    return hit != null ? hit : load(key);
  }

  /**
   * Returns {@code key} if a group takes it: not empty, at most {@link #MAX_KEY_BYTES} bytes of
   * UTF-8, no unpaired surrogate.
   *
   * @throws IllegalArgumentException if not; the message names the rule and may be told to clients
   */
  public static String requireKey(String key) {
    if (key.isEmpty()) {
      throw new IllegalArgumentException("key is required");
    }
    int length = Utf8.length(key);
    if (length < 0) {
      throw new IllegalArgumentException("key is not valid Unicode: it has an unpaired surrogate");
    }
    if (length > MAX_KEY_BYTES) {
      throw new IllegalArgumentException(
          "key is too long: " + length + " bytes of UTF-8, at most " + MAX_KEY_BYTES);
    }
    return key;
  }

  private ByteView load(String key) throws CacheException {
    ByteView value = ByteView.of(callGetter(key));
    cache.put(key, value, (long) Utf8.length(key) + value.length());
    return value;
  }

  /** Errors too become a {@link LoadException}: no throwable of a getter passes unnamed. */
  private byte[] callGetter(String key) throws CacheException {
    try {
      byte[] bytes = getter.get(key);
      if (bytes == null) {
        throw new NullPointerException("the getter returned null");
      }
      return bytes;
    } catch (CacheException failure) {
      throw failure;
    } catch (Throwable failure) {
      if (failure instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      String id = UUID.randomUUID().toString().substring(0, 8);
      log.warn("load failed: {} group {} key {}", id, name, ControlCharacters.escape(key), failure);
      throw new LoadException("load failed: " + id, failure);
    }
  }
}
