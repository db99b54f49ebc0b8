package geecache;

import geecache.codec.Codec;
import geecache.codec.KeyCodec;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Turns a {@link TypedBulkGetter} into a {@link BulkGetter}. */
@SuppressWarnings("try") // Nobody but the node closes this, and that expects anything.
final class EncodingBulkGetter<K, V> implements BulkGetter, AutoCloseable {
  private final TypedBulkGetter<K, ? extends V> getter;
  private final KeyCodec<K> keys;
  private final Codec<V> values;

  EncodingBulkGetter(TypedBulkGetter<K, ? extends V> getter, KeyCodec<K> keys, Codec<V> values) {
    this.getter = getter;
    this.keys = keys;
    this.values = values;
  }

  /** Text that is that of no key is absent: anybody may ask for it over HTTP. */
  @Override
  public Map<String, Answer> loadAll(Set<String> texts) throws Exception {
    Map<K, String> textOfKey = new LinkedHashMap<>();
    for (String text : texts) {
      try {
        textOfKey.put(keys.read(text), text);
      } catch (IllegalArgumentException noKey) {
        continue; // Left out, as promised.
      }
    }
    Map<String, Answer> answers = new HashMap<>();
    if (!textOfKey.isEmpty()) {
      Map<K, ? extends V> found = found(Collections.unmodifiableSet(textOfKey.keySet()));
      textOfKey.forEach(
          (key, text) -> {
            if (found.containsKey(key)) {
              answers.put(text, answer(found.get(key)));
            }
          });
    }
    return answers;
  }

  private Map<K, ? extends V> found(Set<K> wanted) throws Exception {
    try {
      Map<K, ? extends V> found = getter.getAll(wanted);
      if (found == null) {
        throw new NullPointerException("the getter returned null");
      }
      return found;
    } catch (Unchecked.CacheException failed) { // Of another key, for which the getter asked.
      throw failed.getCause();
    }
  }

  private Answer answer(@Nullable V value) {
    if (value == null) {
      return Answer.failed(new NullPointerException("the getter returned null for a key"));
    }
    try {
      return Answer.of(Value.of(ByteView.of(EncodingGetter.encode(values, value))));
    } catch (IllegalArgumentException unwritable) {
      return Answer.failed(unwritable);
    }
  }

  @Override
  public Map<String, byte[]> getAll(Set<String> texts) throws Exception {
    Map<String, byte[]> found = new HashMap<>();
    for (Map.Entry<String, Answer> answer : loadAll(texts).entrySet()) {
      found.put(answer.getKey(), answer.getValue().value().bytes().toByteArray());
    }
    return found;
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
