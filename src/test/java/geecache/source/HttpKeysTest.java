package geecache.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.BulkGetter.Answer;
import geecache.ByteView;
import geecache.Group;
import geecache.KeyNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** URLs that ask for many keys, and what they answer. */
class HttpKeysTest extends OriginFixture {
  private static Set<String> keys(String... keys) {
    return new LinkedHashSet<>(List.of(keys));
  }

  /** Has the origin answer each key that it is asked for with a number. */
  private void answerAll() {
    origin.answersBy(
        exchange -> {
          String ids = exchange.getRequestURI().getQuery().substring("ids=".length());
          String json =
              Arrays.stream(ids.split(","))
                  .map(id -> "\"" + id + "\":" + id.length())
                  .collect(Collectors.joining(",", "{", "}"));
          Origin.answer(200, json).handle(exchange);
        });
  }

  @Test
  void eachMemberIsTheValueOfItsKeyByteForByte() throws Exception {
    origin.answers(
        200,
        """
        { "1" : {"name": "Tom",  "tags":[1, {"a":"}"}]}, "2":"text\\u00e9 \u00e9", "3": -1.50e3,
          "4":true , "5": [ ], "6": null, "\\u00e9": false, "other": {"x": 1} }
        """);
    try (HttpGetter getter = at("/users?ids={keys}").build()) {
      Map<String, byte[]> values = getter.getAll(keys("1", "2", "3", "4", "5", "6", "\u00e9", "7"));
      assertThat(values.keySet()).containsExactlyInAnyOrder("1", "2", "3", "4", "5", "\u00e9");
      assertThat(values.get("1"))
          .asString(UTF_8)
          .isEqualTo("{\"name\": \"Tom\",  \"tags\":[1, {\"a\":\"}\"}]}");
      assertThat(values.get("2")).asString(UTF_8).isEqualTo("\"text\\u00e9 \u00e9\"");
      assertThat(values.get("3")).asString(UTF_8).isEqualTo("-1.50e3");
      assertThat(values.get("4")).asString(UTF_8).isEqualTo("true");
      assertThat(values.get("5")).asString(UTF_8).isEqualTo("[ ]");
      assertThat(values.get("\u00e9")).asString(UTF_8).isEqualTo("false");
    }
  }

  @Test
  void keysAreEncodedAndSeparatedByCommas() throws Exception {
    origin.answers(200, "{}");
    try (HttpGetter inQuery = at("/find?ids={keys}&full=1").build();
        HttpGetter inPath = at("/users/{keys}").build()) {
      assertThat(inQuery.loadAll(keys("a,b", "c&d=%", "..", "e"))).isEmpty();
      assertThat(inPath.loadAll(keys("a/b", "..", ".", "../x", "..;", "e"))).isEmpty();
      assertThat(inPath.loadAll(keys(".."))).isEmpty();
      assertThat(origin.asked())
          .containsExactly("/find?ids=a%2Cb,c%26d%3D%25,..,e&full=1", "/users/a%2Fb,e");
    }
  }

  @Test
  void aUrlIsNoLongerThanServersTake() throws Exception {
    answerAll();
    Set<String> many =
        IntStream.range(0, 50)
            .mapToObj(i -> "k" + i + "x".repeat(400))
            .collect(Collectors.toCollection(LinkedHashSet::new));
    many.add("y".repeat(2_000) + "\u20ac".repeat(16)); // Nine characters for each of the last.
    try (HttpGetter getter = at("/users?ids={keys}").build()) {
      Map<String, Answer> answers = getter.loadAll(many);
      assertThat(answers.keySet()).isEqualTo(many);
      assertThat(origin.asked()).hasSize(3).allMatch(url -> url.length() <= UrlTemplate.MAX_LENGTH);
    }
  }

  @Test
  void oneOfSeveralRequestsThatFailsFailsItsOwnKeysOnly() throws Exception {
    String first = "a".repeat(2_000);
    List<String> long4 = List.of(first, "b".repeat(2_000), "c".repeat(2_000), "d".repeat(2_000));
    origin.answersBy(
        exchange -> {
          boolean isFirst = exchange.getRequestURI().getQuery().contains(first);
          Origin.answer(isFirst ? 500 : 200, isFirst ? "" : "{\"" + "d".repeat(2_000) + "\": 1}")
              .handle(exchange);
        });
    Group group = node.group("g").maxLoads(1).register(at("/users?ids={keys}").build());
    assertThatThrownBy(() -> group.get(first)).hasMessageStartingWith("load failed: ");
    try (HttpGetter getter = at("/users?ids={keys}").build()) {
      Map<String, Answer> answers = getter.loadAll(new LinkedHashSet<>(long4));
      assertThat(answers.keySet()).containsExactlyInAnyOrderElementsOf(long4);
      assertThat(origin.asked()).hasSize(3);
    }
    assertThat(group.get("d".repeat(2_000))).hasToString("1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "[{\"1\":2}]",
        "{\"1\":2",
        "{\"1\":}",
        "{\"1\":2} {}",
        "{\"1\":2} x",
        "{\"1\":2,\"1\":2}",
        "{\"1\":{\"a\":[}}",
        "<html>"
      })
  void anAnswerOfAnotherShapeFailsAllKeysAndShowsNothingOfIt(String answer) throws Exception {
    origin.answers(200, answer);
    try (HttpGetter getter = at("/users?ids={keys}").build()) {
      assertThatThrownBy(() -> getter.loadAll(keys("1", "2")))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(origin.url() + ": the answer ")
          .hasMessageNotContaining("html");
    }
  }

  @Test
  void anAnswerInAnotherEncodingIsAFailure() throws Exception {
    byte[] text = "{\"1\":2}".getBytes(StandardCharsets.UTF_16BE);
    origin.answersBy(
        exchange -> {
          exchange.sendResponseHeaders(200, text.length);
          exchange.getResponseBody().write(text);
          exchange.close();
        });
    try (HttpGetter getter = at("/users?ids={keys}").build()) {
      assertThatThrownBy(() -> getter.loadAll(keys("1"))).isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 301, 404, 410, 500})
  void everyOtherStatusIsAFailure(int status) throws Exception {
    origin.answers(status, "");
    try (HttpGetter getter = at("/users?ids={keys}").build()) {
      assertThatThrownBy(() -> getter.loadAll(keys("1", "2")))
          .isInstanceOf(IOException.class)
          .hasMessage(origin.url() + " answered " + status);
    }
  }

  @Test
  void anAnswerIsAsLongAsItsValuesMayBe() throws Exception {
    try (HttpGetter getter = at("/users?ids={keys}").maxValueBytes(10).build()) {
      origin.answers(200, "{\"1\": 12345678, \"2\": 1}"); // 23 bytes for three keys.
      assertThat(getter.getAll(keys("1", "2", "3"))).hasSize(2);
      Map<String, Answer> alone = getter.loadAll(keys("1", "2")); // Each may be short enough.
      assertThat(alone).hasSize(2);
      assertThatThrownBy(() -> alone.get("1").value()).hasMessageContaining("asked for alone");
      assertThatThrownBy(() -> getter.loadAll(keys("1")))
          .hasMessage(origin.url() + " answered more than 10 bytes");
    }
  }

  @Test
  void theOriginDecidesHowLongTheValuesLive() throws Exception {
    answerAll();
    Group group = node.group("g").register(at("/users?ids={keys}").build());
    assertThat(group.contentType()).isEqualTo("application/json");
    Map<String, ByteView> first = group.getAll(List.of("a", "bb"));
    assertThat(first).hasToString("{a=1, bb=2}");
    group.clear();
    origin.answers(200, "{\"a\": 7}", "Cache-Control", "max-age=60");
    assertThat(group.get("a")).hasToString("7");
    assertThatThrownBy(() -> group.get("bb")).isInstanceOf(KeyNotFoundException.class);
    int asked = origin.asked().size();
    ticker.advance(Duration.ofSeconds(59));
    assertThat(group.get("a")).hasToString("7");
    assertThat(origin.asked()).hasSize(asked);
    ticker.advance(Duration.ofSeconds(2));
    assertThat(group.get("a")).hasToString("7");
    assertThat(origin.asked()).hasSize(asked + 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/{keys}/{keys}", "/{key}/{keys}", "/{keys}?x={key}"})
  void aTemplateHasOnePlace(String path) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> at(path))
        .withMessage("url must have {key} or {keys} once, in its path or its query");
  }
}
