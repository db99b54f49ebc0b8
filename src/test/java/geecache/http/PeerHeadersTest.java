package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.Stamp;
import geecache.cluster.Removal;
import geecache.cluster.Sender;
import geecache.cluster.VersionVector;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeerHeadersTest {
  private static final List<Removal.Named> TWO =
      List.of(
          new Removal.Named(new Removal.Id(0x0123456789abcdefL, 42), 1500, false),
          new Removal.Named(new Removal.Id(-1, 7), Long.MAX_VALUE, true));

  @Test
  void theNamesAreAContract() {
    assertThat(PeerHeaders.SENDER).isEqualTo("Geecache-Peer");
    assertThat(PeerHeaders.VIEW).isEqualTo("Geecache-View");
    assertThat(PeerHeaders.WAIT).isEqualTo("Geecache-Wait");
    assertThat(PeerHeaders.REMOVED).isEqualTo("Geecache-Removed");
    assertThat(PeerHeaders.REMOVED_TIMES).isEqualTo("Geecache-Removed-Times");
    assertThat(PeerHeaders.STAMP).isEqualTo("Geecache-Stamp");
    assertThat(PeerHeaders.KNOWN).isEqualTo("Geecache-Known");
    assertThat(PeerHeaders.LIFE).isEqualTo("Geecache-Life");
    assertThat(PeerHeaders.LEFT).isEqualTo("Geecache-Left");
    assertThat(PeerHeaders.QUEUED).isEqualTo("Geecache-Queued");
    assertThat(PeerHeaders.CALLERS).isEqualTo("Geecache-Callers");
    assertThat(PeerHeaders.COPY_HITS).isEqualTo("Geecache-Hits");
    assertThat(PeerHeaders.RATE).isEqualTo("Geecache-Rate");
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
    assertThat(PeerHeaders.timesOf(TWO)).isEqualTo("1500,9223372036854775807");
  }

  @Test
  void removalsAreReadAsTheyWereWritten() {
    assertThat(again(TWO)).isEqualTo(TWO);
    List<Removal.Named> one = TWO.subList(1, 2);
    assertThat(again(one)).isEqualTo(one);
  }

  private static @Nullable List<Removal.Named> again(List<Removal.Named> removals) {
    return PeerHeaders.parseRemoved(PeerHeaders.of(removals), PeerHeaders.timesOf(removals));
  }

  @Test
  void aRemovalMayMakeWayForASet() {
    List<Removal.Named> ofSet =
        List.of(new Removal.Named(new Removal.Id(1, 2), 1500, false, true), TWO.get(1));
    assertThat(PeerHeaders.timesOf(ofSet)).isEqualTo("1500s,9223372036854775807");
    assertThat(again(ofSet)).isEqualTo(ofSet);
    for (String times : List.of("s,1", "1500ss,1", "1500 s,1", "s1500,1")) {
      assertThat(PeerHeaders.parseRemoved(PeerHeaders.of(ofSet), times)).as(times).isNull();
    }
  }

  @Test
  void removalsOfVersion1HaveNoTimes() {
    assertThat(PeerHeaders.parseRemoved("0123456789abcdef.42", null))
        .containsExactly(new Removal.Named(new Removal.Id(0x0123456789abcdefL, 42), 0, false));
  }

  @Test
  void atMost64RemovalsAreNamed() {
    List<Removal.Named> most = Collections.nCopies(64, TWO.get(0));
    assertThat(again(most)).isEqualTo(most);
    assertThat(again(Collections.nCopies(65, TWO.get(0)))).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "1,", "1,2,3", "1;2", "x,2", "1,9223372036854775808"})
  void thereIsOneTimeForEachRemoval(String times) {
    assertThat(PeerHeaders.parseRemoved(PeerHeaders.of(TWO), times)).isNull();
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
    assertThat(PeerHeaders.parseRemoved(header, null)).isNull();
  }

  @Test
  void theFormOfAStampIsAContract() {
    assertThat(PeerHeaders.of(new Stamp(42, 0x0123456789abcdefL))).isEqualTo("0123456789abcdef.42");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "-1, -1", "9223372036854775807, -9223372036854775808"})
  void aStampIsReadAsItWasWritten(long time, long node) {
    Stamp stamp = new Stamp(time, node);
    assertThat(PeerHeaders.parseStamp(PeerHeaders.of(stamp))).isEqualTo(stamp);
    assertThat(PeerHeaders.parseStamp("nonsense")).isNull();
  }

  @Test
  void theFormOfWhatANodeKnowsIsAContract() {
    assertThat(PeerHeaders.of(new VersionVector(Map.of(1L, 300L, -1L, 7L))))
        .isEqualTo("ffffffffffffffff.7,0000000000000001.300");
    assertThat(PeerHeaders.of(VersionVector.EMPTY)).isEqualTo("none");
  }

  @Test
  void whatANodeKnowsIsReadAsItWasWritten() {
    for (VersionVector known :
        List.of(
            VersionVector.EMPTY,
            new VersionVector(Map.of(1L, 300L)),
            new VersionVector(Map.of(Long.MIN_VALUE, Long.MAX_VALUE, 0L, 0L)))) {
      assertThat(PeerHeaders.parseKnown(PeerHeaders.of(known))).isEqualTo(known);
    }
  }

  /** A node that says less than it knows is trusted with less. */
  @Test
  void aHeaderTellsAtMost100Origins() {
    VersionVector more =
        new VersionVector(
            LongStream.range(0, 150).boxed().collect(Collectors.toMap(id -> id, id -> id + 1)));
    VersionVector told = PeerHeaders.parseKnown(PeerHeaders.of(more));
    assertThat(told.upTo()).hasSize(100);
    assertThat(more.upTo()).containsAllEntriesOf(told.upTo());
    assertThat(PeerHeaders.parseKnown(PeerHeaders.of(more) + ",00000000000000ff.1")).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "none,", "None", "0123456789abcdef", "0123456789abcdef.1,", ","})
  void anythingElseIsNothingThatANodeKnows(String header) {
    assertThat(PeerHeaders.parseKnown(header)).isNull();
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
