package geecache.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.internal.MediaType;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/**
 * Turns the values of a typed group into bytes, and bytes into values. What {@link #decode} makes
 * of the bytes of a value equals that value. Safe for use by many threads.
 *
 * @param <V> the type of the values
 */
public interface Codec<V> {
  /** Turns one thing into another. */
  @FunctionalInterface
  interface Step<A, B> {
    /**
     * Returns what {@code from} becomes.
     *
     * @throws Exception if it cannot be turned
     */
    B apply(A from) throws Exception;
  }

  /**
   * Returns the bytes of {@code value}; never null.
   *
   * @throws Exception if the value has none
   */
  byte[] encode(V value) throws Exception;

  /**
   * Returns the value that {@code bytes} hold; never null. Bytes may come from another version of
   * the application, or from anybody who may set values: this must refuse what it cannot read.
   *
   * @param bytes belong to this codec
   * @throws Exception if these are not the bytes of a value
   */
  V decode(byte[] bytes) throws Exception;

  /**
   * Returns the media type of the bytes (RFC 9110, section 8.3), with which HTTP answers them
   * unless the group has a {@code contentType} of its own.
   */
  default String contentType() {
    return MediaType.OCTET_STREAM;
  }

  /** Returns a codec of two functions. */
  static <V> Codec<V> of(
      Step<? super V, byte[]> encode, Step<byte[], ? extends V> decode, String contentType) {
    return new Codec<>() {
      @Override
      public byte[] encode(V value) throws Exception {
        return encode.apply(value);
      }

      @Override
      public V decode(byte[] bytes) throws Exception {
        return decode.apply(bytes);
      }

      @Override
      public String contentType() {
        return contentType;
      }
    };
  }

  /** Returns a codec of values that are bytes. Each get has an array of its own. */
  static Codec<byte[]> bytes() {
    return of(value -> value, bytes -> bytes, MediaType.OCTET_STREAM);
  }

  /** Returns a codec of text in UTF-8. Text with an unpaired surrogate is refused. */
  static Codec<String> text() {
    return of(Codec::utf8, Codec::text, "text/plain; charset=utf-8");
  }

  private static byte[] utf8(String text) throws Exception {
    ByteBuffer bytes = UTF_8.newEncoder().encode(CharBuffer.wrap(text));
    byte[] exact = new byte[bytes.remaining()];
    bytes.get(exact);
    return exact;
  }

  private static String text(byte[] bytes) throws Exception {
    return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  /**
   * Returns a codec of JSON, by the Jackson that the application has: {@code
   * tools.jackson.core:jackson-databind} 3, or else {@code com.fasterxml.jackson.core} 2. It keeps
   * records, lists, enums, {@code Optional} and the types of {@code java.time}; with Jackson 2 the
   * last two need its modules {@code jackson-datatype-jdk8} and {@code jackson-datatype-jsr310}.
   * Properties that {@code type} does not have are skipped. Text names no class to be made, unless
   * {@code type} or a module of Jackson on the class path asks for that.
   *
   * <p>For other rules, use a mapper of your own with {@link #of}.
   *
   * @throws IllegalStateException if the application has no Jackson
   */
  static <V> Codec<V> json(Class<V> type) {
    JsonFormat format = JsonFormats.of(type);
    return of(format::write, bytes -> type.cast(format.read(bytes)), MediaType.JSON);
  }

  /** As {@link #json}, for lists of {@code type}, which are unmodifiable and have no null. */
  static <E> Codec<List<E>> jsonList(Class<E> type) {
    JsonFormat format = JsonFormats.ofList(type);
    return of(
        format::write,
        bytes -> List.copyOf(((List<?>) format.read(bytes)).stream().<E>map(type::cast).toList()),
        MediaType.JSON);
  }

  /**
   * Returns a codec of JSON for values of several classes: the JSON names them. Nothing is made but
   * the classes of {@code packages} and of those below, numbers, text, times and collections of the
   * JDK; others are refused when they are written, too. A list is read as an {@code ArrayList}, and
   * other collections in the same way.
   *
   * @param loader finds the classes
   * @throws IllegalStateException if the application has no Jackson
   */
  static Codec<Object> jsonOfPackages(Collection<String> packages, ClassLoader loader) {
    JsonFormat format = JsonFormats.naming(new NamedTypes(packages, loader));
    return of(
        format::write,
        bytes -> Objects.requireNonNull(format.read(bytes), "null is no value"),
        MediaType.JSON);
  }

  /**
   * Returns a codec of Java's own serialization, for values that have no other form. Prefer another
   * one: this makes objects of bytes that other nodes, and all who know the secret, may send, and
   * each class that is allowed takes part in that. No codec is like this unless it is named.
   *
   * <p>Nothing but {@code type} and {@code allowed} is made, and of the JDK, strings, boxed numbers
   * and arrays of what is allowed; list all other classes that values need, such as {@code
   * ArrayList.class}, and their superclasses. Depth, arrays and the number of objects are bounded.
   *
   * @param allowed the classes that may be made, besides {@code type} itself
   */
  static <V> Codec<V> serialized(Class<V> type, Collection<Class<?>> allowed) {
    SerializedForm form = new SerializedForm(type, allowed);
    return of(form::write, bytes -> type.cast(form.read(bytes)), MediaType.OCTET_STREAM);
  }
}
