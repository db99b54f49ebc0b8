package geecache.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MediaTypeTest {
  private static boolean isOne(String text) {
    return MediaType.PATTERN.matcher(text).matches();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/octet-stream",
        "application/vnd.shop.user+json",
        "text/plain;charset=utf-8",
        "text/plain; charset=\"utf-8\" ;\t x=1",
        "text/plain; a=\"; \\\" \\\\\"",
        "x/!#$%&'*+-.^_`|~9",
      })
  void areTypesWithParameters(String text) {
    assertThat(isOne(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "text",
        "text/",
        "/plain",
        "text/plain/x",
        "text/pl ain",
        " text/plain",
        "text/plain ",
        "text/plain;",
        "text/plain; charset",
        "text/plain; charset=",
        "text/plain; charset = utf-8",
        "text/plain; a=\"",
        "text/plain; a=\"\u00e9\"",
        "text/plain; a=\"\\\"",
        "text/plain, text/html",
        "text/plain\r\nX: y",
        "text/plain\n",
        "text/plain; a=\"\n\"",
        "t\u00e9xt/plain",
        "*/*",
        "text/*",
      })
  void andNothingElse(String text) {
    assertThat(isOne(text)).isFalse();
  }

  @Test
  void areOf255CharactersAtMost() {
    assertThat(isOne("text/" + "x".repeat(250))).isTrue();
    assertThat(isOne("text/" + "x".repeat(251))).isFalse();
  }
}
