package geecache;

import geecache.codec.Codec;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The values of a typed group: what bytes they have, and the objects that are kept beside those.
 * Safe for many threads.
 *
 * @param <V> the type of the values
 */
final class TypedValues<V> {
  private final GroupEngine engine;
  private final Codec<V> codec;

  /** Returns the size of an object to be kept; null if none is. */
  private final @Nullable ToLongFunction<? super V> size;

  private final UnknownSizes unknownSizes;

  TypedValues(GroupEngine engine, Codec<V> codec, @Nullable ToLongFunction<? super V> size) {
    this.engine = engine;
    this.codec = codec;
    this.size = size;
    this.unknownSizes = new UnknownSizes(engine.name(), engine.parts.node().ticker());
  }

  /**
   * Returns the bytes of {@code value}.
   *
   * @throws IllegalArgumentException if it is null, or the codec cannot write it
   */
  ByteView encode(V value) {
    if (value == null) {
      throw new IllegalArgumentException("value is required");
    }
    return ByteView.of(EncodingGetter.encode(codec, value));
  }

  /** Null is a failure of the loader, and not of the caller's argument. */
  @Nullable Value encoded(@Nullable V value) {
    return value == null ? null : Value.of(encode(value));
  }

  /** Returns the object that is kept of the value in memory; null if there is none. */
  @SuppressWarnings("unchecked") // Only our own codec is the reader.
  @Nullable V kept(String text) {
    if (size == null) {
      return null;
    }
    Decoded decoded = engine.reads.getDecoded(text, codec);
    return decoded == null ? null : (V) decoded.value();
  }

  /** Keeps {@code value} beside the bytes that it was made of, if those are in memory. */
  private void keep(String text, ByteView bytes, V value, ToLongFunction<? super V> sizes) {
    GroupStore store = engine.parts.store();
    if (!store.holds(text, bytes)) {
      return;
    }
    long heap = sizeOf(value, sizes);
    if (heap < 0) {
      unknownSizes.note(value.getClass());
    } else if (heap <= Integer.MAX_VALUE) {
      store.keepDecoded(text, bytes, new Decoded(value, codec, (int) heap));
    }
  }

  /** Returns -1 for what must not be kept: callers can change an array. */
  private long sizeOf(V value, ToLongFunction<? super V> sizes) {
    try {
      return value.getClass().isArray() ? -1 : sizes.applyAsLong(value);
    } catch (RuntimeException unknown) {
      return -1;
    }
  }

  /**
   * Returns the value that {@code bytes} stand for, which it keeps if it is to.
   *
   * @throws UnreadableException if the codec cannot read them; counted, and logged once a minute
   */
  V decode(String text, ByteView bytes) throws UnreadableException {
    V value;
    try {
      value = codec.decode(bytes.toByteArray());
      if (value == null) {
        throw new IllegalArgumentException("the codec read null");
      }
    } catch (Exception failure) {
      engine.unreadable.note(text, failure);
      throw new UnreadableException(failure);
    }
    if (size != null) {
      keep(text, bytes, value, size);
    }
    return value;
  }

  /** Returns the failure of a get whose source gave what the codec cannot read. */
  LoadException failed(UnreadableException unreadable) {
    return new LoadException(
        "the codec of group " + engine.name() + " cannot read what the source gave",
        unreadable.getCause());
  }
}
