package geecache.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyCodecTest {
  private record Place(String country, String town) {}

  private static final KeyCodec<Place> PLACES =
      KeyCodec.of(
          place -> place.country() + "/" + place.town(),
          text -> new Place(text.substring(0, 2), text.substring(3)));

  private static <K> void hasText(KeyCodec<K> codec, K key, String text) {
    assertThat(codec.write(key)).isEqualTo(text);
    assertThat(codec.read(text)).isEqualTo(key);
  }

  @Test
  void keysHaveOneText() {
    hasText(KeyCodec.text(), "Tom", "Tom");
    hasText(KeyCodec.longs(), Long.MIN_VALUE, "-9223372036854775808");
    hasText(KeyCodec.ints(), 7, "7");
    hasText(KeyCodec.uuids(), new UUID(1, 2), "00000000-0000-0001-0000-000000000002");
    hasText(KeyCodec.enums(TimeUnit.class), TimeUnit.DAYS, "DAYS");
    hasText(PLACES, new Place("CH", "Basel"), "CH/Basel");
  }

  /** Otherwise the same key would have two values, and a removal would miss one of them. */
  @ParameterizedTest
  @ValueSource(strings = {"007", "+7", "-0", " 7", "7L", "", "x", "9223372036854775808", "\u0667"})
  void anyOtherTextIsThatOfNoKey(String text) {
    assertThatThrownBy(() -> KeyCodec.longs().read(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void textOfOtherFormsIsThatOfNoKey() {
    assertThatThrownBy(() -> KeyCodec.uuids().read("1-2-3-4-5"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> KeyCodec.uuids().read("00000000-0000-0001-0000-00000000000A"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> KeyCodec.enums(TimeUnit.class).read("days"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PLACES.read("CH-Basel")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PLACES.read("C")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aKeyWithoutAStableTextIsRefused() {
    KeyCodec<Object> byAddress = KeyCodec.of(Object::toString, text -> new Object());
    assertThatThrownBy(() -> byAddress.write(new Object()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not stable")
        .hasMessageContaining("java.lang.Object@");
    assertThatThrownBy(() -> PLACES.write(new Place("CHE", "Basel")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("CHE/Basel");
    KeyCodec<byte[]> arrays = KeyCodec.of(String::new, String::getBytes);
    assertThatThrownBy(() -> arrays.write(new byte[1]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aKeyWithoutTextIsRefused() {
    assertThatThrownBy(() -> KeyCodec.longs().write(null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("key is required");
    KeyCodec<Integer> none = KeyCodec.of(key -> null, Integer::valueOf);
    assertThatThrownBy(() -> none.write(1)).isInstanceOf(IllegalArgumentException.class);
    KeyCodec<Integer> broken = KeyCodec.of(key -> "" + 1 / key, Integer::valueOf);
    assertThatThrownBy(() -> broken.write(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasRootCauseInstanceOf(ArithmeticException.class);
  }
}
