package geecache;

/**
 * Loads one key from the source that a {@link Group} stands in front of: a database, a service, a
 * computation. Called by several threads at once, for different keys, on the node's own loader
 * threads, which have the application's context class loader.
 *
 * <p>A getter may get other keys, of its own group or of another: they are loaded on the same
 * thread. A circle of keys fails at once, and so does a chain of more than 50. A {@link
 * KeyNotFoundException} of such a get that a getter lets pass says that its own key is absent.
 *
 * <p>A getter that is {@link AutoCloseable} is closed with its node, when no load runs any more;
 * once for each group that it was registered with.
 */
@FunctionalInterface
public interface Getter {
  /**
   * Returns the value of {@code key}. The group copies the array, so the getter may reuse it.
   *
   * <p>How it fails decides what callers see. A {@link KeyNotFoundException} says that the source
   * has no such key; a {@link LoadException} says that the source failed, in words meant for
   * clients. The message of anything else stays in the log, under an id which clients are given.
   *
   * <p>When the group's load time limit passes, the thread is interrupted.
   *
   * @param key never empty, at most {@link Group#MAX_KEY_BYTES} bytes of UTF-8
   * @return the value, of any length; never null
   * @throws Exception if there is no value
   */
  byte[] get(String key) throws Exception;

  /**
   * Returns the value of {@code key} and how long it may live. This is what a group calls; it calls
   * {@link #get} unless a getter has more to say.
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
   * Returns the value of {@code key} anew, where the group still has an old one: it is past its
   * end, or about to be. A source that can say "unchanged" is so asked for no more than that; the
   * group then takes {@code old} itself for the new value, with the time to live that comes with
   * it. Called in place of {@link #load}, which it calls unless a getter has more to say.
   *
   * @param old what the group has for {@code key}, from this getter or by a {@code set}
   * @throws Exception as {@link #get} does
   */
  default Value reload(String key, ByteView old) throws Exception {
    return load(key);
  }
}
