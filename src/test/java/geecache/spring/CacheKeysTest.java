package geecache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.cache.interceptor.SimpleKey;

class CacheKeysTest {
  private enum Colour {
    RED
  }

  private record Place(String country, String town) {}

  private record Order(int id) {}

  private static final class Opaque {}

  private final CacheKeys keys = new CacheKeys(List.of());

  @Test
  void keysAreTextWithTheirType() {
    assertThat(keys.text("Tom")).isEqualTo("text:Tom");
    assertThat(keys.text(7L)).isEqualTo("long:7");
    assertThat(keys.text(new SimpleKey(7, "Tom"))).isEqualTo("key(int:7,text:Tom)");
    assertThat(keys.text(SimpleKey.EMPTY)).isEqualTo("key()");
    assertThat(keys.text(Colour.RED)).isEqualTo("geecache.spring.CacheKeysTest$Colour:RED");
    assertThat(keys.text(new Place("DE", "Ulm")))
        .isEqualTo("geecache.spring.CacheKeysTest$Place(text:DE,text:Ulm)");
    assertThat(keys.text(new int[] {1, 2})).isEqualTo("int[](int:1,int:2)");
  }

  @Test
  void noTwoKeysAreAlike() {
    List<Object> all =
        Arrays.asList(
            "7",
            "int:7",
            7,
            7L,
            (short) 7,
            (byte) 7,
            7.0,
            7.0f,
            '7',
            BigInteger.valueOf(7),
            BigDecimal.valueOf(7),
            new BigDecimal("7.0"),
            true,
            "true",
            new UUID(0, 7),
            LocalDate.of(2026, 1, 1),
            new Date(7),
            Colour.RED,
            Colour.class,
            SimpleKey.EMPTY,
            "key()",
            new SimpleKey(7),
            new SimpleKey("7"),
            new SimpleKey((Object) null),
            new SimpleKey("null"),
            new SimpleKey("a", "b"),
            new SimpleKey("a,text:b"),
            new SimpleKey("a%2ctext:b"),
            new SimpleKey("a)", "b"),
            new SimpleKey(new SimpleKey("a"), "b"),
            new SimpleKey(new SimpleKey("a", "b")),
            List.of("a", "b"),
            List.of(List.of("a"), "b"),
            new String[] {"a", "b"},
            new Object[] {"a", "b"},
            new Place("a", "b"),
            new Order(7));
    assertThat(all.stream().map(keys::text)).doesNotHaveDuplicates();
  }

  @Test
  void equalKeysHaveOneText() {
    assertThat(keys.text(new SimpleKey(new int[] {1}, "a")))
        .isEqualTo(keys.text(new SimpleKey(new int[] {1}, "a")));
    assertThat(keys.text(new Place("DE", "Ulm"))).isEqualTo(keys.text(new Place("DE", "Ulm")));
  }

  @Test
  void aKeyWithoutAStableTextIsRefusedWithWhatToDo() {
    for (Object key : List.of(new Opaque(), Set.of(1), new SimpleKey(new Opaque(), 1))) {
      assertThatThrownBy(() -> keys.text(key))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("has no stable text")
          .hasMessageContaining("@Cacheable(key = \"#order.id\")")
          .hasMessageContaining("a bean of type geecache.spring.KeyText");
    }
  }

  @Test
  void aKeyTextNamesKeysOfTheApplication() {
    CacheKeys own = new CacheKeys(List.of(key -> key instanceof Opaque ? "one" : null));
    assertThat(own.text(new Opaque())).isEqualTo("geecache.spring.CacheKeysTest$Opaque:one");
    assertThatThrownBy(() -> own.text(Set.of())).isInstanceOf(IllegalArgumentException.class);
  }
}
