package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.cluster.Removal;
import geecache.cluster.Sender;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeerHeadersTest {
  private static final List<Removal.Carried> TWO =
      List.of(
          new Removal.Carried(new Removal.Id(0x0123456789abcdefL, 42), false),
          new Removal.Carried(new Removal.Id(-1, 7), true));

  @Test
  void theNamesAreAContract() {
    assertThat(PeerHeaders.SENDER).isEqualTo("Geecache-Peer");
    assertThat(PeerHeaders.VIEW).isEqualTo("Geecache-View");
    assertThat(PeerHeaders.WAIT).isEqualTo("Geecache-Wait");
    assertThat(PeerHeaders.REMOVED).isEqualTo("Geecache-Removed");
    assertThat(PeerHeaders.LIFE).isEqualTo("Geecache-Life");
  }

  @Test
  void theFormOfASenderIsAContract() {
    assertThat(PeerHeaders.of(new Sender(0x0123456789abcdefL, 42)))
        .isEqualTo("0123456789abcdef.42");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-1, 1",
    "9223372036854775807, 9223372036854775807",
    "1, -9223372036854775808"
  })
  void aSenderIsReadAsItWasWritten(long node, long number) {
    Sender sender = new Sender(node, number);
    assertThat(PeerHeaders.parseSender(PeerHeaders.of(sender))).isEqualTo(sender);
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
  void anythingElseIsNoSender(String header) {
    assertThat(PeerHeaders.parseSender(header)).isNull();
  }

  @Test
  void theFormOfRemovalsIsAContract() {
    assertThat(PeerHeaders.of(TWO)).isEqualTo("0123456789abcdef.42,ffffffffffffffff.7*");
  }

  @Test
  void removalsAreReadAsTheyWereWritten() {
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
  void anythingElseIsNoListOfRemovals(String header) {
    assertThat(PeerHeaders.parseRemoved(header)).isNull();
  }

  @Test
  void theFormOfALifeIsAContract() {
    assertThat(new PeerHeaders.Life(1500, -1)).hasToString("1500 -1");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1500, -1", "9223372036854775807, -9223372036854775808"})
  void aLifeIsReadAsItWasWritten(long age, long left) {
    PeerHeaders.Life life = new PeerHeaders.Life(age, left);
    assertThat(PeerHeaders.Life.parse(life.toString())).isEqualTo(life);
  }

  /** A value's load never begins in the future. */
  @ParameterizedTest
  @ValueSource(strings = {"-1 1000", "-9223372036854775808 1000"})
  void aNegativeAgeIsMalformed(String header) {
    assertThat(PeerHeaders.Life.parse(header)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "1", "1 ", " 1", "1  1", "1 1 1", "1,1", "1 9223372036854775808"})
  void anythingElseIsNoLife(String header) {
    assertThat(PeerHeaders.Life.parse(header)).isNull();
  }
}
