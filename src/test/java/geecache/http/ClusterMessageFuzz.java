package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import geecache.cluster.Acknowledgement;
import geecache.cluster.Change;
import geecache.cluster.HandedEntry;
import geecache.cluster.HandoverResult;
import geecache.cluster.Meeting;
import geecache.cluster.Removal;
import geecache.cluster.Standing;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** What nodes tell each other beside reads: the same bytes as each kind of message. */
final class ClusterMessageFuzz {
  private static final Removal OF_TOM = new Removal(1, 300, "g", "Tom");
  private static final Removal OF_ALL = new Removal(-1, 1, "g", null);
  private static final Standing LEAVING = new Standing(true, 300);
  private static final Removal.Carried CARRIED = new Removal.Carried(new Removal.Id(1, 300), true);

  static Stream<byte[]> seeds() throws IOException {
    return Stream.of(
        ClusterCodec.change(new Change(List.of(OF_TOM), new byte[] {6}, 60_000)),
        ClusterCodec.meeting(new Meeting("http://a", true, List.of(OF_TOM, OF_ALL), LEAVING)),
        ClusterCodec.acknowledgement(new Acknowledgement(List.of("http://a"), LEAVING)),
        HandoffCodec.taken(new HandoverResult(1, 300)),
        HandoffCodec.entries(
            List.of(
                new HandedEntry("Tom", new byte[] {6}, 1, 300, List.of(CARRIED)),
                new HandedEntry("Sam", new byte[0], -1, -1, List.of()))));
  }

  @MethodSource("seeds")
  @FuzzTest
  void isReadAndWrittenAgainOrRefused(byte[] body) throws IOException {
    Change change = UntrustedBytes.read(body, ClusterCodec::readChange);
    if (change != null) {
      Change again = ClusterCodec.readChange(ClusterCodec.change(change));
      assertThat(again.removed()).isEqualTo(change.removed());
      assertThat(again.value()).isEqualTo(change.value());
      assertThat(again.lifeMillis()).isEqualTo(Math.max(-1, change.lifeMillis()));
    }
    Meeting meeting = UntrustedBytes.read(body, ClusterCodec::readMeeting);
    if (meeting != null) {
      assertThat(ClusterCodec.readMeeting(ClusterCodec.meeting(meeting))).isEqualTo(meeting);
    }
    Acknowledgement acknowledgement = UntrustedBytes.read(body, ClusterCodec::readAcknowledgement);
    if (acknowledgement != null) {
      byte[] written = ClusterCodec.acknowledgement(acknowledgement);
      assertThat(ClusterCodec.readAcknowledgement(written)).isEqualTo(acknowledgement);
    }
    HandoverResult taken = UntrustedBytes.read(body, HandoffCodec::readTaken);
    if (taken != null) {
      assertThat(HandoffCodec.readTaken(HandoffCodec.taken(taken))).isEqualTo(taken);
    }
    List<HandedEntry> entries = UntrustedBytes.read(body, HandoffCodec::readEntries);
    if (entries != null) {
      assertSame(HandoffCodec.readEntries(HandoffCodec.entries(entries)), entries);
    }
  }

  private static void assertSame(List<HandedEntry> again, List<HandedEntry> entries) {
    assertThat(entries)
        .hasSizeLessThanOrEqualTo(HandedEntry.MOST_IN_A_MESSAGE)
        .hasSameSizeAs(again);
    for (int i = 0; i < again.size(); i++) {
      HandedEntry one = again.get(i);
      HandedEntry other = entries.get(i);
      assertThat(one.key()).isEqualTo(other.key());
      assertThat(one.value()).isEqualTo(other.value());
      assertThat(one.ageMillis()).isEqualTo(other.ageMillis());
      assertThat(one.lifeMillis()).isEqualTo(other.lifeMillis());
      assertThat(one.removed()).isEqualTo(other.removed());
    }
  }
}
