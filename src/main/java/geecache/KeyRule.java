package geecache;

/** Which keys a group takes. */
final class KeyRule {
  /** The longest key, in bytes of UTF-8. */
  static final int MAX_BYTES = 2048;

  private KeyRule() {}

  /** As {@link Group#requireKey}. */
  static String require(String key) {
    if (key.isEmpty()) {
      throw new IllegalArgumentException("key is required");
    }
    int length = Utf8.length(key);
    if (length < 0) {
      throw new IllegalArgumentException("key is not valid Unicode: it has an unpaired surrogate");
    }
    if (length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "key is too long: " + length + " bytes of UTF-8, at most " + MAX_BYTES);
    }
    return key;
  }
}
