package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.cluster.Acknowledgement;
import geecache.cluster.Change;
import geecache.cluster.Meeting;
import geecache.cluster.Removal;
import geecache.cluster.Standing;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterCodecTest {
  private static final Removal OF_TOM = new Removal(1, 2, "g", "Tom");
  private static final Removal OF_ALL = new Removal(-1, 1, "g", null);

  private static final String OF_TOM_HEX = "090100000000000000" + "1002" + "1a0167" + "2203546f6d";
  private static final String OF_ALL_HEX = "09ffffffffffffffff" + "1001" + "1a0167";
  private static final String URL_HEX = "687474703a2f2f613a31";

  private static final Change CHANGE = new Change(List.of(OF_TOM), "630".getBytes(UTF_8), 60_000);
  private static final String CHANGE_HEX = "0a13" + OF_TOM_HEX + "1203363330" + "18e0d403";

  private static final Meeting MEETING =
      new Meeting("http://a:1", true, List.of(OF_ALL, OF_TOM), Standing.UNTOLD);
  private static final String MEETING_HEX =
      "0a0a" + URL_HEX + "1001" + "1a0e" + OF_ALL_HEX + "1a13" + OF_TOM_HEX;

  private static void assertSame(Change read, Change written) {
    assertThat(read).usingRecursiveComparison().isEqualTo(written);
  }

  private static Change again(Change change) throws IOException {
    return ClusterCodec.readChange(ClusterCodec.change(change));
  }

  private static Acknowledgement acknowledgement(String... members) {
    return new Acknowledgement(List.of(members), Standing.UNTOLD);
  }

  @Test
  void theBytesOfAChangeAreAContract() throws IOException {
    assertThat(Bytes.hex(ClusterCodec.change(CHANGE))).isEqualTo(CHANGE_HEX);
    assertSame(ClusterCodec.readChange(Bytes.of(CHANGE_HEX)), CHANGE);
  }

  @Test
  void theBytesOfAMeetingAreAContract() throws IOException {
    assertThat(Bytes.hex(ClusterCodec.meeting(MEETING))).isEqualTo(MEETING_HEX);
    assertThat(ClusterCodec.readMeeting(Bytes.of(MEETING_HEX))).isEqualTo(MEETING);
  }

  @Test
  void theBytesOfAnAcknowledgementAreAContract() throws IOException {
    byte[] bytes = ClusterCodec.acknowledgement(acknowledgement("http://a:1", "b"));
    assertThat(Bytes.hex(bytes)).isEqualTo("0a0a" + URL_HEX + "0a0162");
    assertThat(ClusterCodec.readAcknowledgement(bytes).members())
        .containsExactly("http://a:1", "b");
  }

  @Test
  void aChangeIsReadAsItWasWritten() throws IOException {
    Removal odd = new Removal(Long.MIN_VALUE, Long.MAX_VALUE, "~", "中/文 \n");
    Change removal = new Change(List.of(odd, OF_ALL, OF_TOM), null, -1);
    assertSame(again(removal), removal);
    Change empty = new Change(List.of(odd), new byte[0], 0);
    assertSame(again(empty), empty);
    Change endless = new Change(List.of(odd), new byte[] {0, -1}, -1);
    assertSame(again(endless), endless);
  }

  @Test
  void aChangeHasAtMost1000Removals() throws IOException {
    Change most = new Change(Collections.nCopies(1000, OF_TOM), null, -1);
    assertThat(again(most).removed()).hasSize(1000);
    Change tooMany = new Change(Collections.nCopies(1001, OF_TOM), null, -1);
    assertThatThrownBy(() -> again(tooMany))
        .isInstanceOf(IOException.class)
        .hasMessage("more than 1000 removals");
  }

  /** A removal may take two bytes on the wire, and takes fifty of the heap. */
  @Test
  void removalsOfTwoBytesTakeNoMoreThanTheMostThereMayBe() {
    byte[] body = Bytes.of("0a00".repeat(2_000_000));
    long allocated =
        Bytes.allocatedBy(
            () ->
                assertThatThrownBy(() -> ClusterCodec.readChange(body))
                    .isInstanceOf(IOException.class));
    assertThat(allocated).isLessThan(1 << 20);
  }

  @Test
  void everythingIsNotTheEmptyKey() throws IOException {
    Change change =
        new Change(List.of(new Removal(1, 1, "g", null), new Removal(1, 2, "g", "")), null, -1);
    assertThat(again(change).removed()).isEqualTo(change.removed());
  }

  @Test
  void aMeetingIsReadAsItWasWritten() throws IOException {
    Meeting shy = new Meeting("", false, List.of(), Standing.UNTOLD);
    assertThat(ClusterCodec.readMeeting(ClusterCodec.meeting(shy))).isEqualTo(shy);
    assertThat(ClusterCodec.readMeeting(new byte[0])).isEqualTo(shy);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1203363330",
        "0a0e" + OF_ALL_HEX + "1203363330",
        "0a13" + OF_TOM_HEX + "0a13" + OF_TOM_HEX + "1203363330",
      })
  void aValueNeedsOneKey(String hex) {
    assertThatThrownBy(() -> ClusterCodec.readChange(Bytes.of(hex)))
        .isInstanceOf(IOException.class)
        .hasMessage("a value needs one key");
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

  /** A removal of a key that lost its key would be one of everything. */
  @Test
  void aChangeThatEndsTooSoonIsRefusedOrEndsBetweenFields() {
    byte[] whole = Bytes.of(CHANGE_HEX);
    for (int length = 0; length < whole.length; length++) {
      try {
        assertThat(ClusterCodec.readChange(Bytes.first(whole, length)).removed())
            .as("the first %d bytes", length)
            .isIn(List.of(), List.of(OF_TOM));
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
    "a removal past the end, 0a13 090100000000000000 1002 1a0167",
    "a removal of 2 GiB, 0affffffff07 1a0167",
    "a removal of a negative length, 0affffffffffffffffff01 1a0167",
    "a group past its removal, 0a03 1a056162 6364 65",
    "a key of 2 GiB, 0a09 1a0167 22ffffffff07",
    "a value past the end, 1205 3633",
    "a value of 2 GiB, 12ffffffff07 36",
    "a value of a negative length, 12ffffffffffffffffff01 36",
    "a key that is no UTF-8, 0a06 1a0167 2201ff",
    "tag zero, 00",
  })
  void aChangeThatLiesIsRefused(String what, String hex) {
    assertThatThrownBy(() -> ClusterCodec.readChange(Bytes.of(hex)))
        .as(what)
        .isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "a URL past the end, 0a20 6162",
    "a URL of 2 GiB, 0affffffff07 61",
    "a URL that is no UTF-8, 0a01ff",
    "a removal past the end, 1a13 090100000000000000 1002",
    "a key past its removal, 1a05 1a0167 2203546f6d",
  })
  void aMeetingThatLiesIsRefused(String what, String hex) {
    assertThatThrownBy(() -> ClusterCodec.readMeeting(Bytes.of(hex)))
        .as(what)
        .isInstanceOf(IOException.class);
  }

  @Test
  void unknownFieldsAreSkipped() throws IOException {
    String unknown = Bytes.UNKNOWN_FIELDS;
    String removal = unknown + OF_TOM_HEX + unknown;
    String removed = Bytes.lengthOf(removal) + removal;
    String change = unknown + "0a" + removed + unknown + "1203363330" + "18e0d403" + unknown;
    assertSame(ClusterCodec.readChange(Bytes.of(change)), CHANGE);
    String meeting = unknown + "0a0a" + URL_HEX + unknown + "1a" + removed + unknown;
    assertThat(ClusterCodec.readMeeting(Bytes.of(meeting)))
        .isEqualTo(new Meeting("http://a:1", false, List.of(OF_TOM), Standing.UNTOLD));
    assertThat(ClusterCodec.readAcknowledgement(Bytes.of(unknown + "0a0162" + unknown)).members())
        .containsExactly("b");
  }

  @Test
  void groupsWithinGroupsDoNotOverflowTheStack() {
    byte[] nested = Bytes.of("7b".repeat(500_000));
    assertThatThrownBy(() -> ClusterCodec.readChange(nested)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> ClusterCodec.readMeeting(nested)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> ClusterCodec.readAcknowledgement(nested))
        .isInstanceOf(IOException.class);
  }

  @Test
  void anyBytesAreReadOrRefused() throws IOException {
    Bytes.fuzz(Bytes.of(CHANGE_HEX), ClusterCodec::readChange);
    Bytes.fuzz(Bytes.of(MEETING_HEX), ClusterCodec::readMeeting);
    Bytes.fuzz(
        ClusterCodec.acknowledgement(acknowledgement("http://a:1", "b")),
        ClusterCodec::readAcknowledgement);
  }
}
