package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.cluster.Acknowledgement;
import geecache.cluster.Meeting;
import geecache.cluster.Removal;
import geecache.cluster.Standing;
import geecache.cluster.VersionVector;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterCodecTest {
  private static final Removal OF_TOM = new Removal(1, 2, 3, "g", "Tom");
  private static final Removal OF_ALL = new Removal(-1, 1, 2, "g", null);

  private static final String OF_TOM_HEX =
      "090100000000000000" + "1002" + "1a0167" + "2203546f6d" + "290300000000000000";
  private static final String OF_ALL_HEX =
      "09ffffffffffffffff" + "1001" + "1a0167" + "290200000000000000";
  private static final String URL_HEX = "687474703a2f2f613a31";

  private static final Standing LEAVING = new Standing(true, 300, 4, true);
  private static final String LEAVING_HEX = "0801" + "10ac02" + "1804" + "2001";

  private static final Meeting MEETING =
      new Meeting("http://a:1", LEAVING, 5, true, List.of(OF_ALL, OF_TOM));
  private static final String MEETING_HEX =
      "0a0a"
          + URL_HEX
          + "1001"
          + "1a17"
          + OF_ALL_HEX
          + "1a1c"
          + OF_TOM_HEX
          + "2209"
          + LEAVING_HEX
          + "290500000000000000";

  private static final Acknowledgement ACKNOWLEDGEMENT =
      new Acknowledgement(
          List.of("http://a:1", "b"),
          LEAVING,
          5,
          new VersionVector(Map.of(1L, 300L, -1L, 0L)),
          List.of("g"));
  private static final String ACKNOWLEDGEMENT_HEX =
      "0a0a"
          + URL_HEX
          + "0a0162"
          + "1209"
          + LEAVING_HEX
          + "190500000000000000"
          + "2002"
          + "2a1b"
          + "0a0b09ffffffffffffffff1000"
          + "0a0c09010000000000000010ac02"
          + "3a0167";

  private static Acknowledgement acknowledgement(String... members) {
    return new Acknowledgement(
        List.of(members), Standing.UNTOLD, 0, VersionVector.EMPTY, List.of());
  }

  @Test
  void theBytesOfAMeetingAreAContract() throws IOException {
    assertThat(Bytes.hex(ClusterCodec.meeting(MEETING))).isEqualTo(MEETING_HEX);
    assertThat(ClusterCodec.readMeeting(Bytes.of(MEETING_HEX))).isEqualTo(MEETING);
  }

  @Test
  void theBytesOfAnAcknowledgementAreAContract() throws IOException {
    assertThat(Bytes.hex(ClusterCodec.acknowledgement(ACKNOWLEDGEMENT)))
        .isEqualTo(ACKNOWLEDGEMENT_HEX);
    assertThat(ClusterCodec.readAcknowledgement(Bytes.of(ACKNOWLEDGEMENT_HEX)))
        .isEqualTo(ACKNOWLEDGEMENT);
  }

  /** It would otherwise be one from a node of version 1, which may not be asked everything. */
  @Test
  void aNodeThatKnowsNothingSaysSo() throws IOException {
    Acknowledgement nothing = acknowledgement("b");
    byte[] written = ClusterCodec.acknowledgement(nothing);
    assertThat(ClusterCodec.readAcknowledgement(written)).isEqualTo(nothing);
  }

  @Test
  void anAcknowledgementWithoutAVersionIsOfVersion1() throws IOException {
    Acknowledgement old = ClusterCodec.readAcknowledgement(Bytes.of("0a0162"));
    assertThat(old)
        .isEqualTo(new Acknowledgement(List.of("b"), Standing.UNTOLD, 0, null, List.of()))
        .isEqualTo(ClusterCodec.readAcknowledgement(ClusterCodec.acknowledgement(old)));
    assertThat(ClusterCodec.readAcknowledgement(Bytes.of("0a0162" + "2001")).known()).isNull();
    assertThat(ClusterCodec.readAcknowledgement(Bytes.of("0a0162" + "2003")).known())
        .as("a version that is yet to come")
        .isEqualTo(VersionVector.EMPTY);
  }

  @Test
  void eachPartOfAStandingIsRead() throws IOException {
    for (Standing standing :
        List.of(
            new Standing(true, -1, 0, false),
            new Standing(false, 0, 0, false),
            new Standing(false, Long.MAX_VALUE, 0, false),
            new Standing(false, -1, Long.MAX_VALUE, false),
            new Standing(false, -1, 0, true))) {
      Meeting meeting = new Meeting("", standing, 0, false, List.of());
      assertThat(ClusterCodec.readMeeting(ClusterCodec.meeting(meeting))).isEqualTo(meeting);
    }
  }

  @Test
  void everythingIsNotTheEmptyKey() throws IOException {
    Meeting meeting =
        new Meeting(
            "",
            Standing.UNTOLD,
            0,
            false,
            List.of(new Removal(1, 1, 1, "g", null), new Removal(1, 2, 1, "g", "")));
    assertThat(ClusterCodec.readMeeting(ClusterCodec.meeting(meeting))).isEqualTo(meeting);
  }

  /** A removal may take two bytes on the wire, and takes fifty of the heap. */
  @Test
  void removalsOfTwoBytesTakeNoMoreThanTheMostThereMayBe() {
    byte[] body = Bytes.of("1a00".repeat(2_000_000));
    long allocated =
        Bytes.allocatedBy(
            () ->
                assertThatThrownBy(() -> ClusterCodec.readMeeting(body))
                    .isInstanceOf(IOException.class)
                    .hasMessage("more than 65536 removals"));
    assertThat(allocated).isLessThan(8 << 20);
  }

  @Test
  void anAcknowledgementNamesAtMost10000Nodes() throws IOException {
    assertThat(ClusterCodec.readAcknowledgement(Bytes.of("0a00".repeat(10_000))).members())
        .hasSize(10_000);
    assertThatThrownBy(() -> ClusterCodec.readAcknowledgement(Bytes.of("0a00".repeat(10_001))))
        .isInstanceOf(IOException.class)
        .hasMessage("more than 10000 members");
  }

  @Test
  void aMeetingIsReadAsItWasWritten() throws IOException {
    Meeting shy = new Meeting("", Standing.UNTOLD, 0, false, List.of());
    assertThat(ClusterCodec.readMeeting(ClusterCodec.meeting(shy))).isEqualTo(shy);
    assertThat(ClusterCodec.readMeeting(new byte[0])).isEqualTo(shy);
  }

  @Test
  void aMeetingThatEndsTooSoonIsRefusedOrEndsBetweenRemovals() {
    byte[] whole = Bytes.of(MEETING_HEX);
    for (int length = 0; length < whole.length; length++) {
      try {
        List<Removal> read = ClusterCodec.readMeeting(Bytes.first(whole, length)).removed();
        assertThat(read)
            .as("the first %d bytes", length)
            .isEqualTo(MEETING.removed().subList(0, read.size()));
      } catch (IOException refused) {
        assertThat(refused).hasMessageNotContaining("\n");
      }
    }
  }

  @Test
  void anAcknowledgementThatEndsTooSoonIsRefusedOrEndsBetweenMembers() throws IOException {
    List<String> members = List.of("http://a:1", "http://b:2");
    byte[] whole = ClusterCodec.acknowledgement(acknowledgement(members.toArray(String[]::new)));
    for (int length = 0; length < whole.length; length++) {
      try {
        List<String> read = ClusterCodec.readAcknowledgement(Bytes.first(whole, length)).members();
        assertThat(read)
            .as("the first %d bytes", length)
            .isEqualTo(members.subList(0, read.size()));
      } catch (IOException refused) {
        assertThat(refused).hasMessageNotContaining("\n");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a URL past the end, 0a20 6162",
    "a URL of 2 GiB, 0affffffff07 61",
    "a URL that is no UTF-8, 0a01ff",
    "a removal past the end, 1a13 090100000000000000 1002",
    "a key past its removal, 1a05 1a0167 2203546f6d",
    "a removal of 2 GiB, 1affffffff07 1a0167",
    "a removal of a negative length, 1affffffffffffffffff01 1a0167",
    "a group past its removal, 1a03 1a056162 6364 65",
    "a key of 2 GiB, 1a09 1a0167 22ffffffff07",
    "a key that is no UTF-8, 1a06 1a0167 2201ff",
    "a standing past the end, 2209 0801",
    "half a clock, 29 05000000",
    "tag zero, 00",
  })
  void aMeetingThatLiesIsRefused(String what, String hex) {
    assertThatThrownBy(() -> ClusterCodec.readMeeting(Bytes.of(hex)))
        .as(what)
        .isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "what it knows past the end, 2a0c 0a0c09010000000000000010ac02",
    "an origin past what it knows, 2a0b 0a0c09010000000000000010ac02",
    "half an id, 2a07 0a05 09010000 00",
    "what it knows of a negative length, 2affffffffffffffffff01 0a00",
    "a member that is no UTF-8, 0a01ff",
  })
  void anAcknowledgementThatLiesIsRefused(String what, String hex) {
    assertThatThrownBy(() -> ClusterCodec.readAcknowledgement(Bytes.of(hex)))
        .as(what)
        .isInstanceOf(IOException.class);
  }

  @Test
  void aMeetingTellsTheGroupsOfItsNode() throws IOException {
    List<String> groups = List.of("g", "users@2");
    Meeting meeting = new Meeting("b", Standing.UNTOLD, 0, false, List.of(), groups, 2);
    byte[] written = ClusterCodec.meeting(meeting);
    assertThat(Bytes.hex(written)).endsWith("320167" + "3207757365727340" + "32" + "3802");
    assertThat(ClusterCodec.readMeeting(written)).isEqualTo(meeting);
  }

  /** One of a former release does not say, and may have all. */
  @Test
  void aNodeThatHasNoGroupsSaysSo() throws IOException {
    Meeting none = new Meeting("b", Standing.UNTOLD, 0, false, List.of(), List.of(), 0);
    byte[] written = ClusterCodec.meeting(none);
    assertThat(Bytes.hex(written)).endsWith("3800");
    assertThat(ClusterCodec.readMeeting(written)).isEqualTo(none);
    Acknowledgement answer =
        new Acknowledgement(
            List.of("b"), Standing.UNTOLD, 0, VersionVector.EMPTY, List.of(), false, 0);
    written = ClusterCodec.acknowledgement(answer);
    assertThat(Bytes.hex(written)).endsWith("4800");
    assertThat(ClusterCodec.readAcknowledgement(written)).isEqualTo(answer);
    assertThat(ClusterCodec.readMeeting(Bytes.of("38ffffffff0f")).groupCount())
        .isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void moreGroupsThanAMeetingHasAreNotTold() throws IOException {
    List<String> groups = IntStream.range(0, 1_001).mapToObj(i -> "g" + i).toList();
    Meeting meeting = new Meeting("b", Standing.UNTOLD, 0, false, List.of(), groups, 1_001);
    Meeting read = ClusterCodec.readMeeting(ClusterCodec.meeting(meeting));
    assertThat(read.groups()).isEmpty();
    assertThat(read.groupCount()).isEqualTo(1_001);
    assertThatThrownBy(() -> ClusterCodec.readMeeting(Bytes.of("320167".repeat(1_001))))
        .hasMessageContaining("more than 1000 groups");
  }

  @Test
  void aNameThatNoGroupCanHaveIsRefused() {
    String name = "32c201" + "67".repeat(194);
    assertThatThrownBy(() -> ClusterCodec.readMeeting(Bytes.of(name)))
        .hasMessage("the name of a group and its version have at most 193 characters");
    String answer = "3ac201" + "67".repeat(194);
    assertThatThrownBy(() -> ClusterCodec.readAcknowledgement(Bytes.of(answer)))
        .hasMessage("the name of a group and its version have at most 193 characters");
  }

  private static String part(String tag, String hex) {
    return tag + Bytes.lengthOf(hex) + hex;
  }

  @Test
  void unknownFieldsAreSkipped() throws IOException {
    String unknown = Bytes.UNKNOWN_FIELDS;
    String removal = part("1a", unknown + OF_TOM_HEX + unknown);
    String standing = unknown + LEAVING_HEX + unknown;
    String clock = "0500000000000000" + unknown;
    String meeting =
        unknown + "0a0a" + URL_HEX + unknown + removal + part("22", standing) + "29" + clock;
    assertThat(ClusterCodec.readMeeting(Bytes.of(meeting)))
        .isEqualTo(new Meeting("http://a:1", LEAVING, 5, false, List.of(OF_TOM)));
    String origin = part("0a", "090100000000000000" + unknown + "1007");
    String known = part("2a", unknown + origin);
    String answer = unknown + "0a0162" + part("12", standing) + "2002" + known + "19" + clock;
    assertThat(ClusterCodec.readAcknowledgement(Bytes.of(answer)))
        .isEqualTo(
            new Acknowledgement(
                List.of("b"), LEAVING, 5, new VersionVector(Map.of(1L, 7L)), List.of()));
  }

  @Test
  void groupsWithinGroupsDoNotOverflowTheStack() {
    byte[] nested = Bytes.of("7b".repeat(500_000));
    assertThatThrownBy(() -> ClusterCodec.readMeeting(nested)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> ClusterCodec.readAcknowledgement(nested))
        .isInstanceOf(IOException.class);
  }

  @Test
  void anyBytesAreReadOrRefused() throws IOException {
    Bytes.fuzz(Bytes.of(MEETING_HEX), ClusterCodec::readMeeting);
    Bytes.fuzz(Bytes.of(ACKNOWLEDGEMENT_HEX), ClusterCodec::readAcknowledgement);
  }
}
