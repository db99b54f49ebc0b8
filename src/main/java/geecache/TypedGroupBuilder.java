package geecache;

import geecache.codec.Codec;
import geecache.codec.KeyCodec;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Describes a group whose keys and values have types; made by {@link GroupBuilder#typed}. For use
 * by one thread.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public final class TypedGroupBuilder<K, V> {
  private final Function<Getter, Group> register;
  private final KeyCodec<K> keys;
  private final Codec<V> values;
  private @Nullable ToLongFunction<? super V> size;

  TypedGroupBuilder(Function<Getter, Group> register, KeyCodec<K> keys, Codec<V> values) {
    this.register = register;
    this.keys = Objects.requireNonNull(keys, "a codec of the keys is required");
    this.values = Objects.requireNonNull(values, "a codec of the values is required");
  }

  /**
   * Keeps the object of a value beside its bytes, in this JVM, from the first get that decodes it
   * on. All callers are then given the same object: <b>it must be immutable</b>, with all that it
   * refers to. Its size is estimated and counts against the group's budget, by the fields of your
   * classes and by what the classes of the JDK take at most. An object whose size is not known is
   * not kept, which is told once a minute; {@link #keepDecoded(ToLongFunction)} is for those.
   */
  public TypedGroupBuilder<K, V> keepDecoded() {
    ObjectSize sizes = new ObjectSize();
    return keepDecoded(value -> sizes.of(value).orElse(-1));
  }

  /**
   * As {@link #keepDecoded()}, for objects whose size the caller knows better.
   *
   * @param bytes returns the heap that an object takes with all that belongs to it alone, in bytes;
   *     negative to keep none
   */
  public TypedGroupBuilder<K, V> keepDecoded(ToLongFunction<? super V> bytes) {
    size = Objects.requireNonNull(bytes);
    return this;
  }

  /**
   * Checks everything and registers the group, as {@link GroupBuilder#register(Getter)} does.
   *
   * @param getter loads the keys that are not in memory
   */
  public Cached<K, V> register(TypedGetter<? super K, ? extends V> getter) {
    return registered(getter == null ? null : new EncodingGetter<>(getter, keys, values));
  }

  /**
   * Registers the group without a getter, as {@link GroupBuilder#register()} does: its callers fill
   * it, by {@link Cached#get(Object, TypedLoader)}, {@link Cached#set} or {@link
   * Cached#putIfAbsent}.
   */
  public Cached<K, V> register() {
    return new Cached<>(register.apply(new NoGetter(values.contentType())), keys, values, size);
  }

  /**
   * As {@link #register(TypedGetter)}, for a getter that loads many keys with one call; see {@link
   * BulkGetter}.
   *
   * @param getter loads the keys that are not in memory
   */
  public Cached<K, V> registerBulk(TypedBulkGetter<K, ? extends V> getter) {
    return registered(getter == null ? null : new EncodingBulkGetter<>(getter, keys, values));
  }

  private Cached<K, V> registered(@Nullable Getter encoding) {
    return new Cached<>(register.apply(encoding), keys, values, size);
  }
}
