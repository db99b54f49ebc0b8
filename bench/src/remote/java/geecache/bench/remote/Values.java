package geecache.bench.remote;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/** What the keys stand for: 1 KiB each, which begins with the key and cannot be compressed. */
final class Values {
  static final int LENGTH = 1024;

  private Values() {}

  static byte[] of(String key) {
    byte[] value = new byte[LENGTH];
    new SplittableRandom(key.hashCode()).nextBytes(value);
    byte[] head = bytes(key);
    System.arraycopy(head, 0, value, 0, head.length);
    return value;
  }

  /** Refuses what is not the value of {@code key}, by its length and its beginning. */
  static void require(String key, byte[] value) {
    if (value == null || value.length != LENGTH || !begins(value, key)) {
      throw new IllegalStateException("not the value of " + key + ": " + Arrays.toString(value));
    }
  }

  static byte[] bytes(String key) {
    return key.getBytes(StandardCharsets.US_ASCII);
  }

  private static boolean begins(byte[] value, String key) {
    for (int i = 0; i < key.length(); i++) {
      if (value[i] != key.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
