package geecache.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InvalidClassException;
import java.io.Serializable;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CodecTest {
  /** Its names and its labels differ. */
  enum Role {
    ADMIN,
    GUEST;

    @Override
    public String toString() {
      return "a role";
    }
  }

  record Address(String street, int number) {}

  record User(
      long id,
      String name,
      Role role,
      Optional<String> phone,
      List<Address> addresses,
      Map<String, BigDecimal> balances,
      Set<UUID> keys,
      Instant seen,
      LocalDate born,
      OffsetDateTime moved,
      ZonedDateTime married,
      Duration patience) {}

  private static final User TOM =
      new User(
          630,
          "Tom \u00e9 \ud83d\ude00 \" \n",
          Role.ADMIN,
          Optional.of("1"),
          List.of(new Address("a", 1), new Address("b", 2)),
          Map.of("CHF", new BigDecimal("1.50")),
          Set.of(new UUID(1, 2)),
          Instant.parse("2026-01-02T03:04:05.123456789Z"),
          LocalDate.of(2000, 2, 29),
          OffsetDateTime.parse("2026-01-02T03:04:05+02:00"),
          ZonedDateTime.parse("2026-01-02T03:04:05+01:00[Europe/Zurich]"),
          Duration.ofMillis(1500));

  private static final User NOBODY =
      new User(
          0,
          "",
          Role.GUEST,
          Optional.empty(),
          List.of(),
          Map.of(),
          Set.of(),
          Instant.EPOCH,
          LocalDate.EPOCH,
          OffsetDateTime.parse("2026-01-02T03:04:05Z"),
          ZonedDateTime.parse("2026-01-02T03:04:05Z[UTC]"),
          Duration.ZERO);

  /** The versions of Jackson that an application may have. */
  enum Jackson {
    TWO {
      @Override
      JsonFormat of(Class<?> type) {
        return Jackson2.of(type);
      }

      @Override
      JsonFormat ofList(Class<?> type) {
        return Jackson2.ofList(type);
      }
    },
    THREE {
      @Override
      JsonFormat of(Class<?> type) {
        return Jackson3.of(type);
      }

      @Override
      JsonFormat ofList(Class<?> type) {
        return Jackson3.ofList(type);
      }
    };

    abstract JsonFormat of(Class<?> type);

    abstract JsonFormat ofList(Class<?> type);
  }

  @ParameterizedTest
  @EnumSource
  void jsonKeepsWhatARecordHolds(Jackson jackson) throws Exception {
    JsonFormat json = jackson.of(User.class);
    for (User user : List.of(TOM, NOBODY)) {
      assertThat(json.read(json.write(user))).isEqualTo(user);
    }
  }

  @ParameterizedTest
  @EnumSource
  void jsonKeepsListsOfRecords(Jackson jackson) throws Exception {
    JsonFormat json = jackson.ofList(User.class);
    assertThat(json.read(json.write(List.of(TOM, NOBODY)))).isEqualTo(List.of(TOM, NOBODY));
    assertThat(json.read(json.write(List.of()))).isEqualTo(List.of());
  }

  /** So that nodes with one version read what nodes with the other wrote. */
  @Test
  void bothVersionsOfJacksonWriteTheSame() throws Exception {
    for (User user : List.of(TOM, NOBODY)) {
      User read = (User) Jackson2.of(User.class).read(Jackson3.of(User.class).write(user));
      assertThat(read).isEqualTo(user);
      read = (User) Jackson3.of(User.class).read(Jackson2.of(User.class).write(user));
      assertThat(read).isEqualTo(user);
    }
  }

  @ParameterizedTest
  @EnumSource
  void jsonSkipsPropertiesThatTheTypeDoesNotHave(Jackson jackson) throws Exception {
    JsonFormat json = jackson.of(Address.class);
    assertThat(json.read("{\"street\":\"a\",\"number\":1,\"floor\":2}".getBytes(UTF_8)))
        .isEqualTo(new Address("a", 1));
  }

  @ParameterizedTest
  @EnumSource
  void jsonOfAnotherShapeIsRefused(Jackson jackson) {
    JsonFormat json = jackson.of(Address.class);
    for (String text :
        List.of("", "{", "[]", "1", "{\"number\":null}", "{\"number\":\"x\"}", "{} {}")) {
      assertThatThrownBy(() -> json.read(text.getBytes(UTF_8))).as(text).isNotNull();
    }
  }

  /** What Jackson calls polymorphic type handling has made attackers' classes. */
  @ParameterizedTest
  @EnumSource
  void textNamesNoClassToBeMade(Jackson jackson) throws Exception {
    Object read =
        jackson
            .of(Object.class)
            .read("{\"@class\":\"java.io.File\",\"@type\":\"java.io.File\"}".getBytes(UTF_8));
    assertThat(read).isInstanceOf(Map.class);
  }

  @Test
  void theNewestJacksonIsUsedAndNoneIsNamed() {
    JsonFormat two = Jackson2.of(User.class);
    JsonFormat three = Jackson3.of(User.class);
    assertThat(JsonFormats.find(() -> three, () -> two, name -> true)).isSameAs(three);
    assertThat(JsonFormats.find(() -> three, () -> two, JsonFormats.JACKSON_2::equals))
        .isSameAs(two);
    assertThatThrownBy(() -> JsonFormats.find(() -> three, () -> two, name -> false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("tools.jackson.core:jackson-databind")
        .hasMessageContaining("com.fasterxml.jackson.core:jackson-databind");
  }

  @Test
  void jsonHasItsMediaType() throws Exception {
    Codec<User> json = Codec.json(User.class);
    assertThat(json.decode(json.encode(TOM))).isEqualTo(TOM);
    assertThat(json.contentType()).isEqualTo("application/json");
  }

  @Test
  void jsonListsAreUnmodifiableAndWithoutNull() throws Exception {
    Codec<List<Address>> json = Codec.jsonList(Address.class);
    List<Address> one = List.of(new Address("a", 1));
    List<Address> read = json.decode(json.encode(one));
    assertThat(read).isEqualTo(one).isUnmodifiable();
    assertThatThrownBy(() -> json.decode("[null]".getBytes(UTF_8)))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> json.decode("null".getBytes(UTF_8)))
        .isInstanceOf(NullPointerException.class);
  }

  @Test
  void textIsUtf8AndNothingElse() throws Exception {
    Codec<String> text = Codec.text();
    assertThat(text.encode("\u00e9")).containsExactly(0xc3, 0xa9);
    assertThat(text.decode(text.encode("\ud83d\ude00"))).isEqualTo("\ud83d\ude00");
    assertThat(text.decode(text.encode(""))).isEmpty();
    assertThatThrownBy(() -> text.encode("\ud83d")).isInstanceOf(CharacterCodingException.class);
    assertThatThrownBy(() -> text.decode(new byte[] {(byte) 0xff}))
        .isInstanceOf(CharacterCodingException.class);
  }

  @Test
  void bytesStayAsTheyAre() throws Exception {
    assertThat(Codec.bytes().decode(Codec.bytes().encode(new byte[] {1, 2}))).containsExactly(1, 2);
    assertThat(Codec.bytes().contentType()).isEqualTo("application/octet-stream");
  }

  private record Basket(String owner, List<Item> items, Object extra) implements Serializable {}

  private record Item(String name, int[] sizes, Role role) implements Serializable {}

  private static final Set<Class<?>> BASKET_PARTS = Set.of(Item.class, Role.class, ArrayList.class);

  private static Basket basket(Object extra) {
    return new Basket(
        "Tom", new ArrayList<>(List.of(new Item("a", new int[0], Role.GUEST))), extra);
  }

  @Test
  void serializedObjectsAreOfTheClassesThatAreNamed() throws Exception {
    Codec<Basket> codec = Codec.serialized(Basket.class, BASKET_PARTS);
    Basket read = codec.decode(codec.encode(basket(1L)));
    assertThat(read.items()).extracting(Item::name).containsExactly("a");
    assertThat(read.items()).extracting(Item::role).containsExactly(Role.GUEST);
    assertThat(read.extra()).isEqualTo(1L);
  }

  @Test
  void serializedObjectsOfAnyOtherClassAreRefused() throws Exception {
    Codec<Basket> codec = Codec.serialized(Basket.class, BASKET_PARTS);
    for (Object stranger :
        List.of(new HashMap<>(), new HashMap<?, ?>[0], LocalDate.EPOCH, Thread.State.NEW)) {
      byte[] bytes = codec.encode(basket(stranger));
      assertThatThrownBy(() -> codec.decode(bytes)).isInstanceOf(InvalidClassException.class);
    }
    byte[] other = Codec.serialized(Item.class, Set.of()).encode(new Item("a", new int[0], null));
    assertThatThrownBy(() -> Codec.serialized(Role.class, Set.of(Item.class)).decode(other))
        .isInstanceOf(ClassCastException.class);
  }

  /** Bytes of a hundred may ask for an array of two thousand million. */
  @Test
  void aSerializedArrayIsNoLongerThanItsBytes() throws Exception {
    Codec<int[]> codec = Codec.serialized(int[].class, Set.of());
    byte[] bytes = codec.encode(new int[] {1, 2});
    assertThat(codec.decode(bytes)).containsExactly(1, 2);
    int length = bytes.length - 2 * Integer.BYTES - 1; // The last byte of the length.
    bytes[length - 1] = 0x7f;
    assertThatThrownBy(() -> codec.decode(bytes)).isInstanceOf(InvalidClassException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "{}"})
  void whatIsNotSerializedIsRefused(String text) {
    assertThatThrownBy(() -> Codec.serialized(Item.class, Set.of()).decode(text.getBytes(UTF_8)))
        .isInstanceOf(IOException.class);
  }
}
