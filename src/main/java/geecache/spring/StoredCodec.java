package geecache.spring;

import geecache.codec.Codec;
import java.util.Arrays;

/**
 * Writes values by the codec of the application, and null, which codecs do not have, as one byte of
 * zero. Bytes of the codec that begin with zero have one more zero before them.
 */
final class StoredCodec implements Codec<Stored> {
  private static final byte MARK = 0;

  private final String cache;
  private final Codec<Object> values;
  private final boolean allowsNull;

  StoredCodec(String cache, Codec<Object> values, boolean allowsNull) {
    this.cache = cache;
    this.values = values;
    this.allowsNull = allowsNull;
  }

  boolean allowsNull() {
    return allowsNull;
  }

  @Override
  public byte[] encode(Stored stored) {
    Object value = stored.value();
    if (value == null && !allowsNull) {
      throw new IllegalArgumentException( // In Spring's own words.
          "Cache '%s' is configured to not allow null values but null was provided"
              .formatted(cache));
    }
    if (value == null) {
      return new byte[] {MARK};
    }
    try {
      byte[] bytes = values.encode(value);
      return bytes.length > 0 && bytes[0] == MARK ? marked(bytes) : bytes;
    } catch (Exception refused) {
      throw new IllegalArgumentException(
          "the cache %s cannot keep a value of %s: %s. Name the package in geecache.spring.packages, or define a bean of type geecache.codec.Codec<Object>"
              .formatted(cache, value.getClass().getName(), refused.getMessage()),
          refused);
    }
  }

  private static byte[] marked(byte[] bytes) {
    byte[] all = new byte[bytes.length + 1];
    System.arraycopy(bytes, 0, all, 1, bytes.length);
    return all;
  }

  @Override
  public Stored decode(byte[] bytes) throws Exception {
    if (bytes.length == 0 || bytes[0] != MARK) {
      return new Stored(values.decode(bytes));
    }
    return new Stored(
        bytes.length == 1 ? null : values.decode(Arrays.copyOfRange(bytes, 1, bytes.length)));
  }

  @Override
  public String contentType() {
    return values.contentType();
  }
}
