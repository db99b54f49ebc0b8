package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import geecache.Stamp;
import geecache.cluster.Acknowledgement;
import geecache.cluster.Baseline;
import geecache.cluster.Changes;
import geecache.cluster.ChangesResult;
import geecache.cluster.HandedEntries;
import geecache.cluster.HandedEntry;
import geecache.cluster.HandoverResult;
import geecache.cluster.Meeting;
import geecache.cluster.Removal;
import geecache.cluster.SetChange;
import geecache.cluster.SetResult;
import geecache.cluster.Standing;
import geecache.cluster.VersionVector;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** What nodes tell each other beside reads: the same bytes as each kind of message. */
final class ClusterMessageFuzz {
  private static final Removal OF_TOM = new Removal(1, 300, 7, "g", "Tom", true);
  private static final Removal OF_ALL = new Removal(-1, 1, 8, "g", null);
  private static final Stamp STAMP = new Stamp(7, 1);
  private static final Standing LEAVING = new Standing(true, 300, 2, true);
  private static final VersionVector KNOWN = new VersionVector(Map.of(1L, 300L, -1L, 0L));
  private static final Meeting MEETING =
      new Meeting("http://a", LEAVING, 7, true, List.of(OF_TOM, OF_ALL));
  private static final Changes CHANGES =
      new Changes(
          1,
          7,
          List.of(new SetChange("g", "Tom", new byte[] {6}, 60_000, STAMP, KNOWN)),
          new Baseline(KNOWN, STAMP),
          List.of(OF_TOM, OF_ALL));
  private static final ChangesResult RESULT =
      new ChangesResult(
          0,
          7,
          List.of(SetResult.OVERTAKEN, SetResult.REFUSED),
          KNOWN,
          Map.of(OF_TOM.id(), STAMP),
          List.of("http://a"));

  static Stream<byte[]> seeds() throws IOException {
    return Stream.of(
        VersionOneCodec.change(List.of(OF_TOM)),
        VersionOne.set(OF_TOM, "6", 60_000),
        ClusterCodec.meeting(MEETING),
        ClusterCodec.acknowledgement(
            new Acknowledgement(List.of("http://a"), LEAVING, 7, KNOWN, List.of("g"))),
        ChangesCodec.changes(CHANGES),
        ChangesCodec.result(RESULT),
        HandoffCodec.taken(new HandoverResult(1, 300)),
        HandoffCodec.entries(
            new HandedEntries(
                KNOWN,
                List.of(
                    new HandedEntry("Tom", new byte[] {6}, 1, 300, STAMP),
                    new HandedEntry("Sam", new byte[0], -1, -1, null)))));
  }

  @MethodSource("seeds")
  @FuzzTest
  void isReadAndWrittenAgainOrRefused(byte[] body) throws IOException {
    assertChanges(body);
    VersionOneCodec.Change change = UntrustedBytes.read(body, VersionOneCodec::readChange);
    if (change != null) {
      VersionOneCodec.Change again =
          VersionOneCodec.readChange(VersionOneCodec.change(change.removed()));
      assertThat(again.removed()).isEqualTo(change.removed());
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
    HandedEntries entries = UntrustedBytes.read(body, HandoffCodec::readEntries);
    if (entries != null) {
      assertThat(entries.entries()).hasSizeLessThanOrEqualTo(HandedEntry.MOST_IN_A_MESSAGE);
      assertSame(HandoffCodec.readEntries(HandoffCodec.entries(entries)), entries);
    }
  }

  private static void assertChanges(byte[] body) throws IOException {
    Changes changes = UntrustedBytes.read(body, ChangesCodec::readChanges);
    if (changes != null) {
      assertThat(changes.removed()).hasSizeLessThanOrEqualTo(Changes.MOST_REMOVALS);
      assertThat(changes.sets()).hasSizeLessThanOrEqualTo(Changes.MOST_SETS);
      assertSame(ChangesCodec.readChanges(ChangesCodec.changes(changes)), changes);
    }
    ChangesResult result = UntrustedBytes.read(body, bytes -> ChangesCodec.readResult(0, bytes));
    if (result != null) {
      assertThat(result.known().upTo()).hasSizeLessThanOrEqualTo(VersionVector.MOST_ORIGINS);
      assertThat(ChangesCodec.readResult(0, ChangesCodec.result(result))).isEqualTo(result);
    }
  }

  private static void assertSame(Object again, Object written) {
    assertThat(again).usingRecursiveComparison().isEqualTo(written);
  }
}
