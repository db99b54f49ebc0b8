package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Stamp;
import geecache.cluster.Baseline;
import geecache.cluster.Changes;
import geecache.cluster.ChangesResult;
import geecache.cluster.Removal;
import geecache.cluster.SetChange;
import geecache.cluster.SetResult;
import geecache.cluster.VersionVector;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ChangesCodecTest {
  private static final long NODE = 0xabc;

  private static final Stamp STAMP = new Stamp(3, 1);
  private static final String STAMP_HEX = "090300000000000000" + "110100000000000000";

  private static final Removal OF_TOM = new Removal(1, 2, 3, "g", "Tom");
  private static final Removal OF_ALL = new Removal(-1, 1, 2, "g", null);
  private static final String OF_TOM_HEX =
      "090100000000000000" + "1002" + "1a0167" + "2203546f6d" + "290300000000000000";
  private static final String OF_ALL_HEX =
      "09ffffffffffffffff" + "1001" + "1a0167" + "290200000000000000";

  private static final VersionVector KNOWN = new VersionVector(Map.of(1L, 300L));
  private static final String KNOWN_HEX = "0a0c" + "090100000000000000" + "10ac02";

  private static final SetChange SET =
      new SetChange("g", "Tom", "630".getBytes(UTF_8), 60_000, STAMP, KNOWN);
  private static final String SET_HEX =
      "0a0167"
          + "1203546f6d"
          + "1a03363330"
          + "20e0d403"
          + ("2a12" + STAMP_HEX)
          + ("320e" + KNOWN_HEX);

  private static final Changes CHANGES =
      new Changes(7, 5, List.of(SET), new Baseline(KNOWN, STAMP), List.of(OF_ALL, OF_TOM));
  private static final String CHANGES_HEX =
      "090700000000000000" // the id of the node that they are for
          + "110500000000000000" // the clock
          + "1a35"
          + SET_HEX
          + "2224"
          + ("0a0e" + KNOWN_HEX)
          + ("1212" + STAMP_HEX)
          + "2a17"
          + OF_ALL_HEX
          + "2a1c"
          + OF_TOM_HEX;

  private static final ChangesResult RESULT =
      new ChangesResult(
          NODE,
          5,
          List.of(SetResult.STORED, SetResult.OVERTAKEN),
          KNOWN,
          Map.of(new Removal.Id(1, 2), STAMP),
          List.of("a", "b"));
  private static final String RESULT_HEX =
      "090500000000000000"
          + "12020801"
          + "12020802"
          + ("1a0e" + KNOWN_HEX)
          + "221f"
          + ("090100000000000000" + "1002" + "1a12" + STAMP_HEX)
          + "2a0161"
          + "2a0162";

  private static void assertSame(Changes read, Changes written) {
    assertThat(read).usingRecursiveComparison().isEqualTo(written);
  }

  private static Changes again(Changes changes) throws IOException {
    return ChangesCodec.readChanges(ChangesCodec.changes(changes));
  }

  private static ChangesResult again(ChangesResult result) throws IOException {
    return ChangesCodec.readResult(result.node(), ChangesCodec.result(result));
  }

  private static Changes sets(int count, SetChange set) {
    return new Changes(0, 0, Collections.nCopies(count, set), null, List.of());
  }

  private static Changes removals(int count, Removal removal) {
    return new Changes(0, 0, List.of(), null, Collections.nCopies(count, removal));
  }

  private static VersionVector origins(int count) {
    return new VersionVector(
        LongStream.range(0, count).boxed().collect(Collectors.toMap(id -> -id, id -> id)));
  }

  @Test
  void theBytesOfChangesAreAContract() throws IOException {
    assertThat(Bytes.hex(ChangesCodec.changes(CHANGES))).isEqualTo(CHANGES_HEX);
    assertSame(ChangesCodec.readChanges(Bytes.of(CHANGES_HEX)), CHANGES);
  }

  @Test
  void theBytesOfAResultAreAContract() throws IOException {
    assertThat(Bytes.hex(ChangesCodec.result(RESULT))).isEqualTo(RESULT_HEX);
    assertThat(ChangesCodec.readResult(NODE, Bytes.of(RESULT_HEX))).isEqualTo(RESULT);
  }

  @ParameterizedTest
  @CsvSource({
    "STORED, 01",
    "OVERTAKEN, 02",
    "NOT_OWNER, 03",
    "REFUSED, 04",
    "NO_SUCH_GROUP, 05",
    "TOO_LARGE, 06",
    "SUPERSEDED, 07"
  })
  void theCodeOfASetResultIsAContract(SetResult set, String code) throws IOException {
    ChangesResult result = resultOf(set);
    assertThat(Bytes.hex(ChangesCodec.result(result))).endsWith("120208" + code + "1a00");
  }

  private static ChangesResult resultOf(SetResult set) {
    return new ChangesResult(NODE, 0, List.of(set), VersionVector.EMPTY, Map.of(), List.of());
  }

  @ParameterizedTest
  @EnumSource(SetResult.class)
  void aSetResultIsReadAsItWasWritten(SetResult set) throws IOException {
    assertThat(again(resultOf(set))).isEqualTo(resultOf(set));
  }

  /** The value may not be where it was to be stored. */
  @ParameterizedTest
  @CsvSource({"1200", "12020800", "12020809", "1206 08ffffffff07"})
  void aSetResultThatIsUnknownIsNoSuccess(String hex) throws IOException {
    assertThat(ChangesCodec.readResult(NODE, Bytes.of(hex)).sets())
        .containsExactly(SetResult.REFUSED);
  }

  @Test
  void changesAreReadAsTheyWereWritten() throws IOException {
    Stamp odd = new Stamp(Long.MIN_VALUE, -1);
    Changes changes =
        new Changes(
            -1,
            Long.MAX_VALUE,
            List.of(
                new SetChange("~", "中/文 \n", new byte[] {0, -1}, -1, odd, VersionVector.EMPTY),
                new SetChange("g", "", new byte[0], 0, new Stamp(0, 0), KNOWN),
                new SetChange("g", "x", new byte[0], Long.MAX_VALUE, odd, origins(9))),
            new Baseline(VersionVector.EMPTY, odd),
            List.of(
                new Removal(Long.MIN_VALUE, Long.MAX_VALUE, -1, "~", "中/文 \n", true),
                new Removal(0, 0, 0, "", ""),
                OF_ALL));
    assertSame(again(changes), changes);
    Changes nothing = new Changes(0, 0, List.of(), null, List.of());
    assertSame(again(nothing), nothing);
    assertSame(ChangesCodec.readChanges(new byte[0]), nothing);
  }

  /** Any other removal takes no byte for it. */
  @Test
  void theByteOfARemovalThatMakesWayForASetIsAContract() throws IOException {
    Removal ofSet = new Removal(1, 2, 3, "g", "Tom", true);
    Changes changes = new Changes(0, 0, List.of(), null, List.of(ofSet, OF_TOM));
    assertThat(Bytes.hex(ChangesCodec.changes(changes)))
        .endsWith("2a1e" + OF_TOM_HEX + "3001" + "2a1c" + OF_TOM_HEX);
    assertThat(again(changes).removed()).containsExactly(ofSet, OF_TOM);
  }

  @Test
  void aResultIsReadAsItWasWritten() throws IOException {
    ChangesResult nothing =
        new ChangesResult(NODE, 0, List.of(), VersionVector.EMPTY, Map.of(), List.of());
    assertThat(again(nothing)).isEqualTo(nothing);
    assertThat(ChangesCodec.readResult(NODE, new byte[0])).isEqualTo(nothing);
    Map<Removal.Id, Stamp> stayed =
        LongStream.range(0, 1000)
            .boxed()
            .collect(Collectors.toMap(id -> new Removal.Id(-id, id), id -> new Stamp(id, -id)));
    ChangesResult most =
        new ChangesResult(
            NODE,
            -1,
            Collections.nCopies(1000, SetResult.OVERTAKEN),
            origins(VersionVector.MOST_ORIGINS),
            stayed,
            Collections.nCopies(1000, "http://a.long.name.of.a.host.example.org:8080/context"));
    assertThat(again(most)).isEqualTo(most);
    assertThat(ChangesCodec.result(most).length).isLessThan(HttpNodeLink.LONGEST_ACKNOWLEDGEMENT);
  }

  @Test
  void aMessageHasAtMost1000Removals() throws IOException {
    assertThat(again(removals(1000, OF_TOM)).removed()).hasSize(1000);
    assertThatThrownBy(() -> again(removals(1001, OF_TOM)))
        .isInstanceOf(IOException.class)
        .hasMessage("more than 1000 removals");
  }

  @Test
  void aMessageHasAtMost1000Values() throws IOException {
    assertThat(again(sets(1000, SET)).sets()).hasSize(1000);
    assertThatThrownBy(() -> again(sets(1001, SET)))
        .isInstanceOf(IOException.class)
        .hasMessage("more than 1000 values");
  }

  @Test
  void aResultHasNoMoreThanAMessageHasChanges() {
    assertThatThrownBy(() -> ChangesCodec.readResult(NODE, Bytes.of("12020801".repeat(1001))))
        .isInstanceOf(IOException.class)
        .hasMessage("more than 1000 values");
    StringBuilder stayed = new StringBuilder();
    for (int i = 0; i < 1001; i++) {
      stayed
          .append("220d")
          .append("09%016x".formatted((long) i << 32))
          .append("1a00")
          .append("1000");
    }
    assertThatThrownBy(() -> ChangesCodec.readResult(NODE, Bytes.of(stayed.toString())))
        .isInstanceOf(IOException.class)
        .hasMessage("more than 1000 removals");
    assertThatThrownBy(() -> ChangesCodec.readResult(NODE, Bytes.of("2a00".repeat(10_001))))
        .isInstanceOf(IOException.class)
        .hasMessage("more than 10000 members");
  }

  /** A node that says less than it knows is told some changes again. */
  @Test
  void whatANodeKnowsIsOfAtMost1024Origins() throws IOException {
    VersionVector more = origins(1100);
    Changes changes = new Changes(0, 0, List.of(), new Baseline(more, STAMP), List.of());
    Map<Long, Long> read = again(changes).baseline().known().upTo();
    assertThat(read).hasSize(1024);
    assertThat(more.upTo()).containsAllEntriesOf(read);
    String origins =
        LongStream.range(0, 1025)
            .mapToObj(id -> "0a0b" + "09%016x".formatted(id << 32) + "1001")
            .collect(Collectors.joining());
    assertThatThrownBy(() -> ChangesCodec.readResult(NODE, Bytes.of("1a8d68" + origins)))
        .isInstanceOf(IOException.class)
        .hasMessage("more than 1024 origins");
  }

  @Test
  void theLongestMessageFits() throws IOException {
    String key = "x".repeat(2048);
    String group = "g".repeat(128);
    Stamp late = new Stamp(-1, -1);
    int value = (512 << 10) / 1000;
    Changes changes =
        new Changes(
            -1,
            -1,
            Collections.nCopies(
                1000,
                new SetChange(
                    group, key, new byte[value], Long.MAX_VALUE, late, VersionVector.EMPTY)),
            new Baseline(origins(1024), late),
            Collections.nCopies(1000, new Removal(-1, Long.MAX_VALUE, -1, group, key)));
    assertThat(ChangesCodec.changes(changes).length)
        .isLessThan(ChangesCodec.LONGEST_WITHOUT_A_VALUE);
  }

  /** Parts may take two bytes on the wire, and take fifty of the heap. */
  @ParameterizedTest
  @CsvSource({"2a00", "1a022a00"})
  void partsOfFewBytesTakeNoMoreThanTheMostThereMayBe(String part) {
    byte[] body = Bytes.of(part.repeat(1_000_000));
    long allocated =
        Bytes.allocatedBy(
            () ->
                assertThatThrownBy(() -> ChangesCodec.readChanges(body))
                    .isInstanceOf(IOException.class));
    assertThat(allocated).isLessThan(1 << 20);
  }

  @Test
  void everythingIsNotTheEmptyKey() throws IOException {
    Changes changes =
        new Changes(
            0,
            0,
            List.of(),
            null,
            List.of(new Removal(1, 1, 1, "g", null), new Removal(1, 2, 1, "g", "")));
    assertThat(again(changes).removed()).isEqualTo(changes.removed());
  }

  /** A removal that lost its key would be one of everything, and a set without its value empty. */
  @Test
  void changesThatEndTooSoonAreRefusedOrEndBetweenChanges() {
    byte[] whole = Bytes.of(CHANGES_HEX);
    for (int length = 0; length < whole.length; length++) {
      try {
        Changes read = ChangesCodec.readChanges(Bytes.first(whole, length));
        assertThat(read.removed())
            .as("the first %d bytes", length)
            .isEqualTo(CHANGES.removed().subList(0, read.removed().size()));
        assertThat(read.sets())
            .usingRecursiveComparison()
            .isEqualTo(CHANGES.sets().subList(0, read.sets().size()));
        assertThat(read.baseline()).isIn(null, CHANGES.baseline());
      } catch (IOException refused) {
        assertThat(refused).hasMessageNotContaining("\n");
      }
    }
  }

  @Test
  void aResultThatEndsTooSoonIsRefusedOrEndsBetweenParts() {
    byte[] whole = Bytes.of(RESULT_HEX);
    for (int length = 0; length < whole.length; length++) {
      try {
        ChangesResult read = ChangesCodec.readResult(NODE, Bytes.first(whole, length));
        assertThat(read.sets()).isEqualTo(RESULT.sets().subList(0, read.sets().size()));
        assertThat(read.known()).isIn(VersionVector.EMPTY, KNOWN);
        assertThat(read.stayed()).isIn(Map.of(), RESULT.stayed());
        assertThat(read.members()).isEqualTo(RESULT.members().subList(0, read.members().size()));
      } catch (IOException refused) {
        assertThat(refused).hasMessageNotContaining("\n");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "half an id, 09 07000000",
    "a set past the end, 1a35 0a0167",
    "a stamp past its set, 1a04 2a12 0903",
    "a value of 2 GiB, 1a09 1affffffff07 3633",
    "a value of a negative length, 1a0c 1affffffffffffffffff01 36",
    "a key that is no UTF-8, 1a03 1201ff",
    "a baseline past the end, 2224 0a00",
    "a removal past the end, 2a13 090100000000000000 1002 1a0167",
    "a removal of 2 GiB, 2affffffff07 1a0167",
    "tag zero, 00",
  })
  void changesThatLieAreRefused(String what, String hex) {
    assertThatThrownBy(() -> ChangesCodec.readChanges(Bytes.of(hex)))
        .as(what)
        .isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "half a clock, 09 05000000",
    "a set result past the end, 1202 08",
    "a stamp past its value, 2204 1a12 0903",
    "what it knows past the end, 1a0e 0a0c09",
    "a member past the end, 2a05 61",
    "a member that is no UTF-8, 2a01ff",
  })
  void aResultThatLiesIsRefused(String what, String hex) {
    assertThatThrownBy(() -> ChangesCodec.readResult(NODE, Bytes.of(hex)))
        .as(what)
        .isInstanceOf(IOException.class);
  }

  @Test
  void nothingIsInTheOrderWithoutAStamp() {
    assertThatThrownBy(() -> ChangesCodec.readChanges(Bytes.of("1a05 0a0167 1200")))
        .isInstanceOf(IOException.class)
        .hasMessage("a value without a stamp");
    assertThatThrownBy(() -> ChangesCodec.readChanges(Bytes.of("2202 0a00")))
        .isInstanceOf(IOException.class)
        .hasMessage("a baseline without a stamp");
    assertThatThrownBy(() -> ChangesCodec.readResult(NODE, Bytes.of("2202 1007")))
        .isInstanceOf(IOException.class)
        .hasMessage("a value that stayed without a stamp");
  }

  private static String part(String tag, String hex) {
    return tag + Bytes.lengthOf(hex) + hex;
  }

  @Test
  void unknownFieldsAreSkipped() throws IOException {
    String unknown = Bytes.UNKNOWN_FIELDS;
    String set = "0a0167" + unknown + "1203546f6d" + "1a03363330" + "20e0d403";
    String stamped = set + part("2a", STAMP_HEX + "18ac02") + part("32", KNOWN_HEX + "18ac02");
    String changes =
        unknown
            + "090700000000000000"
            + part("1a", stamped)
            + "110500000000000000"
            + unknown
            + part("22", part("0a", unknown + KNOWN_HEX) + part("12", STAMP_HEX) + unknown)
            + part("2a", unknown + OF_ALL_HEX)
            + part("2a", OF_TOM_HEX + unknown)
            + unknown;
    assertSame(ChangesCodec.readChanges(Bytes.of(changes)), CHANGES);
    String result =
        unknown
            + "090500000000000000"
            + part("12", "0801" + unknown)
            + part("12", unknown + "0802")
            + part("1a", KNOWN_HEX + unknown)
            + part("22", "090100000000000000" + "1002" + unknown + part("1a", STAMP_HEX))
            + "2a0161"
            + unknown
            + "2a0162";
    assertThat(ChangesCodec.readResult(NODE, Bytes.of(result))).isEqualTo(RESULT);
  }

  @Test
  void groupsWithinGroupsDoNotOverflowTheStack() {
    byte[] nested = Bytes.of("7b".repeat(500_000));
    assertThatThrownBy(() -> ChangesCodec.readChanges(nested)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> ChangesCodec.readResult(NODE, nested)).isInstanceOf(IOException.class);
  }

  @Test
  void anyBytesAreReadOrRefused() {
    Bytes.fuzz(Bytes.of(CHANGES_HEX), ChangesCodec::readChanges);
    Bytes.fuzz(Bytes.of(RESULT_HEX), body -> ChangesCodec.readResult(NODE, body));
  }
}
