package geecache.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.StringReader;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonWriterTest {
  private final JsonWriter to = new JsonWriter();

  private JsonObject read() {
    try (JsonReader reader = Json.createReader(new StringReader(to.toString()))) {
      return reader.readObject();
    }
  }

  @Test
  void writesObjectsArraysTextsNumbersAndTruth() {
    to.object(
        () -> {
          to.field("text", "a");
          to.field("number", -7);
          to.field("part", 0.5);
          to.field("yes", true);
          to.object("inner", () -> to.field("x", 1L));
          to.object("empty", () -> {});
          to.texts("texts", List.of("a", "b"));
          to.array("objects", List.of(1, 2), n -> to.object(() -> to.field("n", n)));
          to.array("none", List.<Integer>of(), n -> to.object(() -> to.field("n", n)));
          to.numbers("numbers", LongStream.of(1, -2, Long.MAX_VALUE));
          to.numbers("noNumbers", LongStream.empty());
          to.json("embedded", "{\"y\":[1,2]}");
          to.field("last", false);
        });
    assertThat(to)
        .hasToString(
            "{\"text\":\"a\",\"number\":-7,\"part\":0.5,\"yes\":true,\"inner\":{\"x\":1},\"empty\":{},"
                + "\"texts\":[\"a\",\"b\"],\"objects\":[{\"n\":1},{\"n\":2}],\"none\":[],"
                + "\"numbers\":[1,-2,9223372036854775807],\"noNumbers\":[],"
                + "\"embedded\":{\"y\":[1,2]},\"last\":false}");
    assertThat(JsonSyntax.isObject(to.toString())).isTrue();
  }

  @Test
  void aFieldThatIsNullIsLeftOut() {
    String none = null;
    Long number = null;
    to.object(
        () -> {
          to.field("text", none);
          to.field("number", number);
          to.field("infinite", Double.POSITIVE_INFINITY);
          to.field("noNumber", Double.NaN);
        });
    assertThat(to).hasToString("{}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<script>alert(1)</script>",
        "\"},{\"a\":\"\\",
        "\u0000\u0001\b\f\n\r\t\u001f\u007f\u0085",
        "\u2028\u2029\u202e\u200b\ufeff",
        "äöü €漢 \ud83d\ude00",
        "\udb40\udc41",
        "",
      })
  void anyTextComesBackAsItWas(String text) {
    to.object(() -> to.field(text, text));
    assertThat(read().getString(text)).isEqualTo(text);
    assertThat(to.toString().chars())
        .noneMatch(c -> c < ' ' || c == 0x7f || c == 0x85 || c >= 0x2028 && c <= 0x202e);
    assertThat(JsonSyntax.isObject(to.toString())).isTrue();
    assertThat(2 * JsonWriter.bytes(text) + "{:}".length())
        .isGreaterThanOrEqualTo(to.toString().getBytes(UTF_8).length);
  }

  @Test
  void theBytesOfATextAreKnown() {
    to.object(() -> to.field("a\"\\\n", "漢"));
    assertThat(JsonWriter.bytes("a\"\\\n") + JsonWriter.bytes("漢") + "{:}".length())
        .isEqualTo(to.toString().getBytes(UTF_8).length);
  }

  @Test
  void halfACharacterIsEscaped() {
    to.object(() -> to.field("half", "a\ud800b"));
    assertThat(to).hasToString("{\"half\":\"a\\ud800b\"}");
  }
}
