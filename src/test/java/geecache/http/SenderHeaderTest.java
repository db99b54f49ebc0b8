package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.cluster.Sender;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SenderHeaderTest {

  @Test
  void theHeaderIsAContract() {
    assertThat(PeerHeaders.of(new Sender(0x0123456789abcdefL, 42)))
        .isEqualTo("0123456789abcdef.42");
    assertThat(PeerHeaders.SENDER).isEqualTo("Geecache-Peer");
    assertThat(PeerHeaders.VIEW).isEqualTo("Geecache-View");
    assertThat(PeerHeaders.WAIT).isEqualTo("Geecache-Wait");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-1, 1",
    "9223372036854775807, 9223372036854775807",
    "1, -9223372036854775808"
  })
  void isReadAsItWasWritten(long node, long number) {
    Sender mark = new Sender(node, number);
    assertThat(PeerHeaders.parseSender(PeerHeaders.of(mark))).isEqualTo(mark);
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
    assertThat(PeerHeaders.parseSender(header)).isNull();
  }
}
