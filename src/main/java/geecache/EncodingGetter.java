package geecache;

import geecache.codec.Codec;
import geecache.codec.KeyCodec;

/** Turns a {@link TypedGetter} into a {@link Getter}. */
@SuppressWarnings("try") // Nobody but the node closes this, and that expects anything.
final class EncodingGetter<K, V> implements Getter, AutoCloseable {
  private final TypedGetter<? super K, ? extends V> getter;
  private final KeyCodec<K> keys;
  private final Codec<V> values;

  EncodingGetter(TypedGetter<? super K, ? extends V> getter, KeyCodec<K> keys, Codec<V> values) {
    this.getter = getter;
    this.keys = keys;
    this.values = values;
  }

  @Override
  public byte[] get(String text) throws Exception {
    K key = key(text);
    V value;
    try {
      value = getter.get(key);
    } catch (Unchecked.CacheException failed) { // Of another key, for which the getter asked.
      throw failed.getCause();
    }
    if (value == null) {
      throw new NullPointerException(
          "the getter returned null; it must throw a KeyNotFoundException if there is no such key");
    }
    return encode(values, value);
  }

  /** Anybody may ask for any text over HTTP. What is the text of no key is absent. */
  private K key(String text) throws KeyNotFoundException {
    try {
      return keys.read(text);
    } catch (IllegalArgumentException noKey) {
      throw new KeyNotFoundException("no such key: " + text);
    }
  }

  /**
   * Returns the bytes of {@code value}.
   *
   * @throws IllegalArgumentException if there are none
   */
  static <V> byte[] encode(Codec<V> codec, V value) {
    byte[] bytes;
    try {
      bytes = codec.encode(value);
    } catch (Exception failure) {
      throw new IllegalArgumentException(
          "the codec cannot write a value of " + value.getClass() + ": " + failure.getMessage(),
          failure);
    }
    if (bytes == null) {
      throw new IllegalArgumentException("the codec wrote null for a value of " + value.getClass());
    }
    return bytes;
  }

  @Override
  public String contentType() {
    return values.contentType();
  }

  @Override
  public void close() throws Exception {
    if (getter instanceof AutoCloseable closeable) {
      closeable.close();
    }
  }
}
