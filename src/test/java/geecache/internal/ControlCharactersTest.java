package geecache.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.stream.IntStream;
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
    "d83d", "de42", "00ad", "200b", "200d", "2060", "feff", "3164", "fe0f"
  })
  void escapesByCodeUnit(String hex) {
    String text = "a" + (char) Integer.parseInt(hex, 16) + "b";
    assertThat(ControlCharacters.escape(text)).isEqualTo("a\\u" + hex + "b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Tom", "a b", "中文", "🙂👩👧", "עברית", "a\\b", "\ufffd", "\ue000"})
  void leavesTheRestAlone(String text) {
    assertThat(ControlCharacters.escape(text)).isSameAs(text);
  }

  @Test
  void charactersThatNobodySeesAreShown() {
    assertThat(ControlCharacters.escape("👨\u200d👩")).isEqualTo("👨\\u200d👩");
    assertThat(ControlCharacters.escape("Tom\udb40\udc41")).isEqualTo("Tom\\udb40\\udc41");
  }

  /** Unicode's own list, as far as this JVM has it as the categories of characters. */
  @Test
  void everyFormatCharacterThatHasNoGlyphIsEscaped() {
    Set<String> withGlyphs =
        Set.of("0600-0605", "06dd", "070f", "0890-0891", "08e2", "110bd", "110cd", "13430-1343f");
    assertThat(
            IntStream.rangeClosed(0, Character.MAX_CODE_POINT)
                .filter(c -> Character.getType(c) == Character.FORMAT)
                .filter(c -> withGlyphs.stream().noneMatch(range -> isIn(range, c)))
                .mapToObj(Character::toString)
                .filter(c -> ControlCharacters.escape(c).equals(c)))
        .isEmpty();
  }

  private static boolean isIn(String range, int c) {
    String[] ends = range.split("-");
    return c >= Integer.parseInt(ends[0], 16) && c <= Integer.parseInt(ends[ends.length - 1], 16);
  }

  @Test
  void reversedSurrogatesAreTwoUnpairedOnes() {
    assertThat(ControlCharacters.escape("\ude42\ud83d")).isEqualTo("\\ude42\\ud83d");
  }
}
