package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.cluster.Removal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RemovedHeaderTest {
  private static final List<Removal.Carried> TWO =
      List.of(
          new Removal.Carried(new Removal.Id(0x0123456789abcdefL, 42), false),
          new Removal.Carried(new Removal.Id(-1, 7), true));

  @Test
  void theHeaderIsAContract() {
    assertThat(PeerHeaders.REMOVED).isEqualTo("Geecache-Removed");
    assertThat(PeerHeaders.of(TWO)).isEqualTo("0123456789abcdef.42,ffffffffffffffff.7*");
  }

  @Test
  void isReadAsItWasWritten() {
    assertThat(PeerHeaders.parseRemoved(PeerHeaders.of(TWO))).isEqualTo(TWO);
    List<Removal.Carried> one = TWO.subList(1, 2);
    assertThat(PeerHeaders.parseRemoved(PeerHeaders.of(one))).isEqualTo(one);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        "nonsense",
        "0123456789abcdef.42,",
        ",",
        ",0123456789abcdef.42",
        "0123456789abcdef.42,,0123456789abcdef.43",
        "0123456789abcdef.42**",
        "0123456789abcdef.42;0123456789abcdef.43",
        "0123456789abcdef.42,nonsense",
      })
  void anythingElseIsMalformed(String header) {
    assertThat(PeerHeaders.parseRemoved(header)).isNull();
  }
}
