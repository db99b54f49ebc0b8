package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PercentCodingTest {

  @ParameterizedTest
  @CsvSource({
    "Tom, Tom",
    "a%20b, a b",
    "%E4%B8%AD, 中",
    "%e4%b8%ad, 中",
    "%F0%9F%99%82, 🙂",
    "a+b, a+b",
    "%2B, +",
    "%252F, %2F",
    "a;b=c, a;b=c",
    "%00, '\0'",
    "'', ''"
  })
  void decodes(String raw, String text) {
    assertThat(PercentCoding.decode(raw, false)).isEqualTo(text);
  }

  @Test
  void plusIsASpaceOnlyWhereFormsWriteIt() {
    assertThat(PercentCoding.decode("a+b%2B", true)).isEqualTo("a b+");
    assertThat(PercentCoding.decode("a+b%2B", false)).isEqualTo("a+b+");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%",
        "%2",
        "a%",
        "%zz",
        "%0g",
        "%-1",
        "%+1",
        "% 1",
        "%\uff11\uff11", // not two digits
        "%FF",
        "%C0%AF",
        "%ED%A0%80",
        "%E4%B8",
        "%F4%90%80%80",
        "%80", // not UTF-8
        "中",
        "é",
        "a b",
        "a\tb",
        "\u007f",
        "\0",
        "\ud83d" // should have been escaped
      })
  void refusesWhatIsMalformed(String raw) {
    assertThat(PercentCoding.decode(raw, true)).isNull();
    assertThat(PercentCoding.decode(raw, false)).isNull();
  }

  @Test
  void encodesAllButTheUnreserved() {
    assertThat(PercentCoding.encode("AZaz09-._~")).isEqualTo("AZaz09-._~");
    assertThat(PercentCoding.encode("a b+/%?#中\0")).isEqualTo("a%20b%2B%2F%25%3F%23%E4%B8%AD%00");
  }

  @Test
  void decodingUndoesEncoding() {
    Random random = new Random(20260101);
    for (int i = 0; i < 20_000; i++) {
      String text =
          random
              .ints(random.nextInt(20), 0, Character.MAX_CODE_POINT + 1)
              .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
              .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
              .toString();
      String raw = PercentCoding.encode(text);
      assertThat(raw).matches("[A-Za-z0-9._~%-]*");
      assertThat(PercentCoding.decode(raw, true)).isEqualTo(text);
      assertThat(PercentCoding.decode(raw, false)).isEqualTo(text);
    }
  }
}
