package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.CodedOutputStream;
import geecache.ByteView;
import geecache.Stamp;
import geecache.cluster.Acknowledgement;
import geecache.cluster.Baseline;
import geecache.cluster.Changes;
import geecache.cluster.ChangesResult;
import geecache.cluster.HandedEntries;
import geecache.cluster.HandedEntry;
import geecache.cluster.HandoverResult;
import geecache.cluster.KeyRead;
import geecache.cluster.Meeting;
import geecache.cluster.Removal;
import geecache.cluster.Sender;
import geecache.cluster.SetChange;
import geecache.cluster.SetResult;
import geecache.cluster.Standing;
import geecache.cluster.VersionVector;
import geecache.http.BatchCodec.BatchRead;
import geecache.http.BatchCodec.Frame;
import geecache.http.BatchCodec.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Whatever a node has to say is read as it was meant. */
final class WrittenMessageFuzz {
  @FuzzTest
  void isReadAsItWasWritten(FuzzedDataProvider data) throws IOException {
    long any = data.consumeLong();
    long other = data.consumeLong();
    long life = data.consumeLong(-1, Long.MAX_VALUE);
    boolean flag = data.consumeBoolean();
    Kind kind = data.pickValue(Kind.values());
    SetResult result = data.pickValue(SetResult.values());
    int index = data.consumeInt(0, BatchCodec.MOST_KEYS - 1);
    String text = wellFormed(data.consumeString(40));
    String key = wellFormed(data.consumeString(40));
    byte[] value = data.consumeRemainingAsBytes();

    Sender mark = new Sender(any, other);
    assertThat(PeerHeaders.parseSender(PeerHeaders.of(mark))).isEqualTo(mark);
    assertThat(GroupcacheCodec.decode(GroupcacheCodec.encode(value))).isEqualTo(value);
    assertThat(PercentCoding.decode(PercentCoding.encode(key), flag)).isEqualTo(key);
    Stamp stamp = new Stamp(other, any);
    assertThat(PeerHeaders.parseStamp(PeerHeaders.of(stamp))).isEqualTo(stamp);
    VersionVector known = new VersionVector(flag ? Map.of(any, other) : Map.of());
    assertThat(PeerHeaders.parseKnown(PeerHeaders.of(known))).isEqualTo(known);
    Removal.Named named = new Removal.Named(new Removal.Id(any, other), life, flag, !flag);
    assertThat(
            PeerHeaders.parseRemoved(
                PeerHeaders.of(List.of(named)), PeerHeaders.timesOf(List.of(named))))
        .containsExactly(named);

    BatchRead asked =
        new BatchRead(flag, List.of(new KeyRead(key, List.of(named), !flag)), VersionVector.EMPTY);
    assertThat(Bytes.readRequest(BatchCodec.request(asked))).isEqualTo(asked);
    long age = life < 0 ? -1 : any >>> 1;
    assertFrame(
        new Frame(
            index,
            kind,
            ByteView.of(value),
            age,
            life,
            flag,
            !flag,
            flag ? stamp : null,
            flag ? null : known,
            value.length));

    Standing standing = new Standing(flag, life, Math.max(0, other), !flag);
    Removal removal = new Removal(any, other, life, text, flag ? key : null, !flag);
    Meeting meeting = new Meeting(text, standing, other, flag, List.of(removal, removal));
    assertThat(ClusterCodec.readMeeting(ClusterCodec.meeting(meeting))).isEqualTo(meeting);
    Acknowledgement acknowledgement =
        new Acknowledgement(List.of(text, key), standing, other, flag ? known : null, List.of(key));
    assertThat(ClusterCodec.readAcknowledgement(ClusterCodec.acknowledgement(acknowledgement)))
        .isEqualTo(acknowledgement);
    assertThat(VersionOneCodec.readChange(VersionOneCodec.change(List.of(removal))).removed())
        .containsExactly(removal);
    HandoverResult taken = new HandoverResult(any, other);
    assertThat(HandoffCodec.readTaken(HandoffCodec.taken(taken))).isEqualTo(taken);
    HandedEntry entry = new HandedEntry(key, value, age, life, flag ? stamp : null);
    HandedEntries entries = new HandedEntries(known, List.of(entry, entry));
    assertSame(HandoffCodec.readEntries(HandoffCodec.entries(entries)), entries);
    assertChanges(
        new Changes(
            any,
            other,
            List.of(new SetChange(text, key, value, life, stamp, known)),
            flag ? new Baseline(known, stamp) : null,
            List.of(removal)));
    assertResult(
        new ChangesResult(
            any,
            other,
            List.of(result, SetResult.STORED),
            known,
            Map.of(removal.id(), stamp),
            List.of(text, key)));
  }

  /** What UTF-8 cannot carry is no text of ours. */
  private static String wellFormed(String text) {
    return new String(text.getBytes(UTF_8), UTF_8);
  }

  private static void assertFrame(Frame frame) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    BatchCodec.write(out, frame);
    out.flush();
    assertThat(bytes.size()).isEqualTo(BatchCodec.size(frame));
    ByteArrayInputStream in = new ByteArrayInputStream(bytes.toByteArray());
    assertThat(new FrameReader(in).read(1 << 20)).isEqualTo(frame);
  }

  private static void assertChanges(Changes changes) throws IOException {
    assertSame(ChangesCodec.readChanges(ChangesCodec.changes(changes)), changes);
  }

  private static void assertResult(ChangesResult result) throws IOException {
    assertThat(ChangesCodec.readResult(result.node(), ChangesCodec.result(result)))
        .isEqualTo(result);
  }

  private static void assertSame(Object again, Object written) {
    assertThat(again).usingRecursiveComparison().isEqualTo(written);
  }
}
