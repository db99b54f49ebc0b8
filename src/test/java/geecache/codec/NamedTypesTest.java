package geecache.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class NamedTypesTest {
  enum Colour {
    RED {
      @Override
      boolean isWarm() {
        return true;
      }
    },
    BLUE;

    boolean isWarm() {
      return false;
    }
  }

  sealed interface Shape permits Circle, Square {}

  record Circle(int radius) implements Shape {}

  record Square(int side) implements Shape {}

  record User(
      long id,
      String name,
      Optional<String> email,
      Colour colour,
      List<Shape> shapes,
      Map<Integer, Colour> byNumber,
      Set<Colour> colours,
      Instant since,
      Object anything) {}

  private static final User TOM =
      new User(
          7,
          "Tom",
          Optional.of("tom@example.com"),
          Colour.RED,
          List.of(new Circle(1), new Square(2)),
          Map.of(1, Colour.BLUE),
          EnumSet.of(Colour.BLUE),
          Instant.parse("2026-01-01T00:00:00.123456789Z"),
          new Circle(3));

  private static final NamedTypes TYPES =
      new NamedTypes(List.of("geecache.codec"), NamedTypesTest.class.getClassLoader());

  static Stream<JsonFormat> formats() {
    return Stream.of(Jackson2.naming(TYPES), Jackson3.naming(TYPES));
  }

  static Stream<Arguments> keptValues() {
    List<Object> values =
        List.of(
            TOM,
            List.of(TOM, TOM),
            List.of(new Circle(1), new Square(2)),
            Stream.of(new Circle(1)).toList(),
            Collections.emptyList(),
            Collections.unmodifiableList(Arrays.asList(new Circle(1), null)),
            Map.of("a", new Circle(1)),
            new TreeMap<>(Map.of("b", 1, "a", 2L)),
            new LinkedHashMap<>(Map.of("x", List.of(1L))),
            Set.of(Colour.RED),
            new TreeSet<>(List.of("b", "a")),
            Colour.RED,
            "text",
            7,
            7L,
            (short) 7,
            1.5,
            1.5f,
            'c',
            true,
            new BigDecimal("1.10"),
            UUID.fromString("00000000-0000-0001-0000-000000000002"),
            LocalDate.of(2026, 1, 1),
            OffsetDateTime.parse("2026-01-01T00:00:00+05:30"));
    return formats().flatMap(f -> values.stream().map(value -> Arguments.of(f, value)));
  }

  @ParameterizedTest
  @MethodSource("keptValues")
  void whatIsWrittenIsReadAsAnEqualValue(JsonFormat format, Object value) throws Exception {
    byte[] json = format.write(value);
    assertThat(format.read(json)).as(new String(json, UTF_8)).isEqualTo(value);
  }

  @Test
  void eachJacksonReadsWhatTheOtherWrote() throws Exception {
    JsonFormat two = Jackson2.naming(TYPES);
    JsonFormat three = Jackson3.naming(TYPES);
    assertThat(two.read(three.write(List.of(TOM)))).isEqualTo(List.of(TOM));
    assertThat(three.read(two.write(List.of(TOM)))).isEqualTo(List.of(TOM));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void arraysKeepTheirType(JsonFormat format) throws Exception {
    assertThat(format.read(format.write(new byte[] {1, 2}))).isEqualTo(new byte[] {1, 2});
    assertThat(format.read(format.write(new Circle[] {new Circle(1)})))
        .isEqualTo(new Circle[] {new Circle(1)});
  }

  @ParameterizedTest
  @MethodSource("formats")
  void aClassOfAnotherPackageIsNeitherWrittenNorMade(JsonFormat format) {
    assertThatThrownBy(() -> format.write(Thread.State.NEW))
        .hasStackTraceContaining("java.lang.Thread$State is not of an allowed package");
    for (String name :
        List.of(
            "java.util.Timer",
            "java.io.File",
            "[Ljava.io.File;",
            "java.util.ArrayList<java.io.File>",
            "geecache.codecs.Other")) {
      assertThatThrownBy(() -> format.read(("[\"" + name + "\",[]]").getBytes(UTF_8)))
          .as(name)
          .hasStackTraceContaining("is not of an allowed package");
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void whatWouldLoseTheTypesOfItsPartsIsRefused(JsonFormat format) {
    assertThatThrownBy(() -> format.write(Map.of(1, "one")))
        .hasStackTraceContaining("a map whose keys are not text loses their types");
    assertThatThrownBy(() -> format.write(EnumSet.of(Colour.BLUE)))
        .hasStackTraceContaining("an EnumSet loses the type of its enums");
  }

  record Annotated(@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS) Shape shape) {}

  record Anything(@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS) Comparable<?> value) {}

  @ParameterizedTest
  @MethodSource("formats")
  void annotationsMakeNoClassOfAnotherPackageEither(JsonFormat format) throws Exception {
    Annotated allowed = new Annotated(new Circle(1));
    assertThat(format.read(format.write(allowed))).isEqualTo(allowed);
    String json =
        "{\"@class\":\"%s\",\"value\":[\"java.io.File\",\"/tmp\"]}"
            .formatted(Anything.class.getName());
    assertThatThrownBy(() -> format.read(json.getBytes(UTF_8)))
        .hasStackTraceContaining("java.io.File");
    String asProperty =
        "{\"@class\":\"%s\",\"value\":{\"@class\":\"java.io.File\",\"path\":\"/tmp\"}}"
            .formatted(Anything.class.getName());
    assertThatThrownBy(() -> format.read(asProperty.getBytes(UTF_8)))
        .hasStackTraceContaining("denied");
  }
}
