package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeerMarkTest {

  @Test
  void theHeaderIsAContract() {
    assertThat(new PeerMark(0x0123456789abcdefL, 42)).hasToString("0123456789abcdef.42");
    assertThat(PeerMark.HEADER).isEqualTo("Geecache-Peer");
    assertThat(PeerMark.VIEW_HEADER).isEqualTo("Geecache-View");
    assertThat(PeerMark.WAIT_HEADER).isEqualTo("Geecache-Wait");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-1, 1",
    "9223372036854775807, 9223372036854775807",
    "1, -9223372036854775808"
  })
  void isReadAsItWasWritten(long node, long number) {
    PeerMark mark = new PeerMark(node, number);
    assertThat(PeerMark.parse(mark.toString())).isEqualTo(mark);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "0123456789abcdef",
        "0123456789abcdef.",
        "0123456789abcdef-1",
        "0123456789abcdeg.1",
        "123456789abcdef.1",
        "00123456789abcdef.1",
        "0123456789abcdef.x",
        "0123456789abcdef.1 ",
        " 0123456789abcdef.1",
        "0123456789abcdef.9223372036854775808",
        "0123456789abcdef.1,0123456789abcdef.1",
      })
  void anythingElseIsMalformed(String header) {
    assertThat(PeerMark.parse(header)).isNull();
  }
}
