package geecache;

import geecache.internal.MediaType;

/**
 * Loads one key from the source behind a {@link Group}: a database, a service, a computation.
 * Called by several threads at once, for different keys. These are the node's own loader threads,
 * which have the context class loader of the application.
 *
 * <p>A getter may get other keys, of its own group or of another: they are loaded on the same
 * thread. A circle of keys fails at once, and so does a chain of more than 50 keys. If a getter
 * does not catch the {@link KeyNotFoundException} of such a get, its own key is absent too.
 *
 * <p>A getter that is {@link AutoCloseable} is closed with its node, when no load runs any more,
 * once for each group that it was registered with.
 */
@FunctionalInterface
public interface Getter {
  /**
   * Returns the value of {@code key}. The group copies the array, so the getter may reuse it.
   *
   * <p>The exception decides what callers see. A {@link KeyNotFoundException} says that the source
   * has no such key. A {@link LoadException} says that the source failed, in words meant for
   * clients. The message of any other exception stays in the log, under an id that clients are
   * given.
   *
   * <p>When the load timeout of the group passes, the thread is interrupted.
   *
   * @param key never empty, at most {@link Group#MAX_KEY_BYTES} bytes of UTF-8
   * @return the value, of any length; never null
   * @throws Exception if there is no value
   */
  byte[] get(String key) throws Exception;

  /**
   * Returns the value of {@code key} and how long it may live. Groups call this method. Unless
   * overridden, it calls {@link #get}, and the value lives as long as the group says.
   *
   * @param key as for {@link #get}
   * @throws Exception as {@link #get} does
   */
  default Value load(String key) throws Exception {
    byte[] bytes = get(key);
    if (bytes == null) {
      throw new NullPointerException("the getter returned null");
    }
    return Value.of(ByteView.of(bytes));
  }

  /**
   * Returns the new value of {@code key}, for a group that still has an old one, which is past its
   * end or about to be. A getter whose source can say "unchanged" then returns {@code old} itself,
   * with a new time to live. Groups call this in place of {@link #load}. Unless overridden, it
   * calls {@link #load}.
   *
   * @param old the value that the group has for {@code key}, from this getter or from a {@code set}
   * @throws Exception as {@link #get} does
   */
  default Value reload(String key, ByteView old) throws Exception {
    return load(key);
  }

  /**
   * Returns how many loads this getter can run at once, such as the number of its connections. The
   * group runs no more of them, even if its own bound is larger; the others wait in the group, in
   * order. Asked once, when the group is registered. Unless overridden, the group's bound holds.
   *
   * @return at least 1
   */
  default int maxLoads() {
    return Integer.MAX_VALUE;
  }

  /**
   * Returns the media type of the values (RFC 9110, section 8.3), with which HTTP answers them
   * unless the group is given another one. Asked once, when the group is registered.
   */
  default String contentType() {
    return MediaType.OCTET_STREAM;
  }
}
