package geecache.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonSyntaxTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        " \t\r\n{ } \n",
        "{\"a\":1,\"b\":[],\"c\":{},\"d\":null,\"e\":true,\"f\":false}",
        "{\"\":[ 1 , -0 , 0.5 , -12.75e+3 , 1E-2 , 10e0 ]}",
        "{\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00eF\":\"\u007f€\"}",
        "{\"a\":[[[{\"b\":[{}]}]]]}",
      })
  void objectsAreKnown(String text) {
    assertThat(JsonSyntax.isObject(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "[]",
        "1",
        "\"a\"",
        "null",
        "{",
        "}",
        "{}}",
        "{}{}",
        "{},",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":1 \"b\":2}",
        "{a:1}",
        "{'a':1}",
        "{1:1}",
        "{\"a\":[1,]}",
        "{\"a\":[1}",
        "{\"a\":[1]",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":+1}",
        "{\"a\":-}",
        "{\"a\":1e}",
        "{\"a\":1e+}",
        "{\"a\":NaN}",
        "{\"a\":tru}",
        "{\"a\":nul}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\u0000\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\u123\"}",
        "{\"a\":\"\\u١٢٣٤\"}",
        "{\"a\":\"\\",
        "{\"a\":\"\\u",
        "{\"a\":\"",
        "{\"a\u0000",
        "\u0000{}",
        "\ufeff{}",
        "{}\u00a0",
        "{\"a\":1}<!-- -->",
      })
  void allElseIsRefused(String text) {
    assertThat(JsonSyntax.isObject(text)).isFalse();
  }

  @Test
  void nestingHasAnEnd() {
    assertThat(JsonSyntax.isObject(nested(30))).isTrue();
    assertThat(JsonSyntax.isObject(nested(40))).isFalse();
    assertThat(JsonSyntax.isObject(nested(1_000_000))).isFalse();
  }

  private static String nested(int depth) {
    return "{\"a\":" + "[".repeat(depth) + "]".repeat(depth) + "}";
  }
}
