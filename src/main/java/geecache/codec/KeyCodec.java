package geecache.codec;

import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Turns the keys of a typed group into text, and text into keys. A key has one text, on every node
 * and for ever: the text decides which node owns the key, and is what HTTP asks for. Safe for use
 * by many threads.
 *
 * @param <K> the type of the keys
 */
public final class KeyCodec<K> {
  private final Function<? super K, String> write;
  private final Function<String, ? extends K> read;

  /** Whether the text of each key has to be read once more, to see that it is stable. */
  private final boolean checked;

  private KeyCodec(
      Function<? super K, String> write, Function<String, ? extends K> read, boolean checked) {
    this.write = write;
    this.read = read;
    this.checked = checked;
  }

  /**
   * Returns a codec of two functions, such as for a record with a stated text:
   *
   * <pre>{@code
   * KeyCodec.of(
   *     place -> place.country() + "/" + place.town(),
   *     text -> new Place(text.substring(0, 2), text.substring(3)))
   * }</pre>
   *
   * <p>Each key is checked: {@code read} has to make an equal key of its text. So a key whose text
   * is not stable, such as that of {@code Object.toString}, is refused.
   *
   * @param read throws any unchecked exception for text that belongs to no key
   */
  public static <K> KeyCodec<K> of(
      Function<? super K, String> write, Function<String, ? extends K> read) {
    return new KeyCodec<>(write, read, true);
  }

  /** Returns a codec of keys that are text. */
  public static KeyCodec<String> text() {
    return new KeyCodec<>(key -> key, text -> text, false);
  }

  /** Returns a codec of whole numbers, in decimal. */
  public static KeyCodec<Long> longs() {
    return new KeyCodec<>(key -> Long.toString(key), Long::valueOf, false);
  }

  /** Returns a codec of whole numbers, in decimal. */
  public static KeyCodec<Integer> ints() {
    return new KeyCodec<>(key -> Integer.toString(key), Integer::valueOf, false);
  }

  /** Returns a codec of UUIDs, in lower-case hex with hyphens. */
  public static KeyCodec<UUID> uuids() {
    return new KeyCodec<>(UUID::toString, UUID::fromString, false);
  }

  /** Returns a codec of the constants of an enum, by their names. */
  public static <E extends Enum<E>> KeyCodec<E> enums(Class<E> type) {
    return new KeyCodec<>(Enum::name, name -> Enum.valueOf(type, name), false);
  }

  /**
   * Returns the text of {@code key}.
   *
   * @throws IllegalArgumentException if the key is null, or has no stable text
   */
  public String write(K key) {
    if (key == null) {
      throw new IllegalArgumentException("key is required");
    }
    String text;
    try {
      text = write.apply(key);
    } catch (RuntimeException refused) {
      throw new IllegalArgumentException("no text for a key of " + key.getClass(), refused);
    }
    if (text == null) {
      throw new IllegalArgumentException("no text for a key of " + key.getClass());
    }
    if (checked) {
      requireStable(key, text);
    }
    return text;
  }

  private void requireStable(K key, String text) {
    try {
      if (key.equals(read.apply(text))) {
        return;
      }
    } catch (RuntimeException unreadable) {
      throw notStable(key, text, unreadable);
    }
    throw notStable(key, text, null);
  }

  private IllegalArgumentException notStable(K key, String text, @Nullable RuntimeException cause) {
    return new IllegalArgumentException(
        "the text of a key of %s is not stable: \"%s\" does not read as an equal key"
            .formatted(key.getClass(), text),
        cause);
  }

  /**
   * Returns the key whose text is {@code text}.
   *
   * @throws IllegalArgumentException if it is not the text of a key, such as {@code 007} for 7
   */
  public K read(String text) {
    K key;
    String again;
    try {
      key = read.apply(text);
      again = key == null ? null : write.apply(key);
    } catch (RuntimeException refused) {
      throw new IllegalArgumentException("not the text of a key: " + text, refused);
    }
    if (key == null || !text.equals(again)) {
      throw new IllegalArgumentException("not the text of a key: " + text);
    }
    return key;
  }
}
