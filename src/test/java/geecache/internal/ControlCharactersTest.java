package geecache.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ControlCharactersTest {

  @Test
  void aKeyIsNotALogLine() {
    assertThat(ControlCharacters.escape("\r\n[Server evil]")).isEqualTo("\\r\\n[Server evil]");
  }

  @ParameterizedTest
  @CsvSource({
    "0000", "0007", "001b", "007f", "0085", "009b", "2028", "2029", "202e", "2066", "200f", "061c",
    "d83d", "de42"
  })
  void escapesByCodeUnit(String hex) {
    String text = "a" + (char) Integer.parseInt(hex, 16) + "b";
    assertThat(ControlCharacters.escape(text)).isEqualTo("a\\u" + hex + "b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "Tom", "a b", "中文", "🙂👨‍👩‍👧", "עברית", "a\\b", "\ufffd", "\ue000"})
  void leavesTheRestAlone(String text) {
    assertThat(ControlCharacters.escape(text)).isSameAs(text);
  }

  @Test
  void reversedSurrogatesAreTwoUnpairedOnes() {
    assertThat(ControlCharacters.escape("\ude42\ud83d")).isEqualTo("\\ude42\\ud83d");
  }
}
