package geecache;

import geecache.codec.Codec;
import geecache.codec.KeyCodec;
import java.util.Objects;
import java.util.function.Function;

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

  TypedGroupBuilder(Function<Getter, Group> register, KeyCodec<K> keys, Codec<V> values) {
    this.register = register;
    this.keys = Objects.requireNonNull(keys, "a codec of the keys is required");
    this.values = Objects.requireNonNull(values, "a codec of the values is required");
  }

  /**
   * Checks everything and registers the group, as {@link GroupBuilder#register} does.
   *
   * @param getter loads the keys that are not in memory
   */
  public Cached<K, V> register(TypedGetter<? super K, ? extends V> getter) {
    Getter encoding = getter == null ? null : new EncodingGetter<>(getter, keys, values);
    return Cached.of(register.apply(encoding), keys, values);
  }
}
