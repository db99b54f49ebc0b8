package geecache;

/**
 * Loads one key from the source that a {@link Group} stands in front of: a database, a service, a
 * computation. Called by several threads at once, for different keys.
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
   * @param key never empty, at most {@link Group#MAX_KEY_BYTES} bytes of UTF-8
   * @return the value, of any length; never null
   * @throws Exception if there is no value
   */
  byte[] get(String key) throws Exception;
}
