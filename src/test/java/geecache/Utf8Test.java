package geecache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8Test {

  @Test
  void agreesWithTheEncoderOnEveryCodePoint() {
    for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
      if (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE) {
        String text = Character.toString(codePoint);
        if (Utf8.length(text) != text.getBytes(UTF_8).length) {
          assertThat(Utf8.length(text))
              .as("U+%x", codePoint)
              .isEqualTo(text.getBytes(UTF_8).length);
        }
      }
    }
    assertThat(Utf8.length("aé中🙂b")).isEqualTo(11);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\ud83d", "\ude42", "a\ud83d", "\ude42\ud83d", "\ud83d\ud83d\ude42"})
  void unpairedSurrogatesHaveNoLength(String text) {
    assertThat(Utf8.length(text)).isEqualTo(-1);
  }
}
