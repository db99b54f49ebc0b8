package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.CodedOutputStream;
import geecache.ByteView;
import geecache.cluster.Acknowledgement;
import geecache.cluster.Change;
import geecache.cluster.HandedEntry;
import geecache.cluster.HandoverResult;
import geecache.cluster.KeyRead;
import geecache.cluster.Meeting;
import geecache.cluster.Removal;
import geecache.cluster.Sender;
import geecache.cluster.Standing;
import geecache.http.BatchCodec.BatchRead;
import geecache.http.BatchCodec.Frame;
import geecache.http.BatchCodec.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/** Whatever a node has to say is read as it was meant. */
final class WrittenMessageFuzz {
  @FuzzTest
  void isReadAsItWasWritten(FuzzedDataProvider data) throws IOException {
    long any = data.consumeLong();
    long other = data.consumeLong();
    long life = data.consumeLong(-1, Long.MAX_VALUE);
    boolean flag = data.consumeBoolean();
    Kind kind = data.pickValue(Kind.values());
    int index = data.consumeInt(0, BatchCodec.MOST_KEYS - 1);
    String text = wellFormed(data.consumeString(40));
    String key = wellFormed(data.consumeString(40));
    byte[] value = data.consumeRemainingAsBytes();

    Sender mark = new Sender(any, other);
    assertThat(PeerHeaders.parseSender(PeerHeaders.of(mark))).isEqualTo(mark);
    Removal.Carried carried = new Removal.Carried(new Removal.Id(any, other), flag);
    assertThat(PeerHeaders.parseRemoved(PeerHeaders.of(List.of(carried)))).containsExactly(carried);
    assertThat(GroupcacheCodec.decode(GroupcacheCodec.encode(value))).isEqualTo(value);
    assertThat(PercentCoding.decode(PercentCoding.encode(key), flag)).isEqualTo(key);

    BatchRead asked = new BatchRead(flag, List.of(new KeyRead(key, List.of(carried), !flag)));
    assertThat(BatchCodec.readRequest(BatchCodec.request(asked))).isEqualTo(asked);
    assertFrame(new Frame(index, kind, ByteView.of(value), life < 0 ? -1 : any >>> 1, life));

    Removal removal = new Removal(any, other, text, flag ? key : null);
    assertChange(new Change(List.of(removal), flag ? value : null, life));
    Standing standing = new Standing(flag, life);
    Meeting meeting = new Meeting(text, flag, List.of(removal, removal), standing);
    assertThat(ClusterCodec.readMeeting(ClusterCodec.meeting(meeting))).isEqualTo(meeting);
    Acknowledgement acknowledgement = new Acknowledgement(List.of(text, key), standing);
    assertThat(ClusterCodec.readAcknowledgement(ClusterCodec.acknowledgement(acknowledgement)))
        .isEqualTo(acknowledgement);
    HandoverResult taken = new HandoverResult(any, other);
    assertThat(HandoffCodec.readTaken(HandoffCodec.taken(taken))).isEqualTo(taken);
    assertHanded(new HandedEntry(key, value, life < 0 ? -1 : any >>> 1, life, List.of(carried)));
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
    assertThat(BatchCodec.read(BatchCodec.frames(in), 1 << 20)).isEqualTo(frame);
  }

  private static void assertChange(Change change) throws IOException {
    Change read = ClusterCodec.readChange(ClusterCodec.change(change));
    assertThat(read.removed()).isEqualTo(change.removed());
    assertThat(read.value()).isEqualTo(change.value());
    assertThat(read.lifeMillis()).isEqualTo(change.lifeMillis());
  }

  private static void assertHanded(HandedEntry handed) throws IOException {
    List<HandedEntry> read = HandoffCodec.readEntries(HandoffCodec.entries(List.of(handed)));
    assertThat(read).hasSize(1);
    assertThat(read.get(0).key()).isEqualTo(handed.key());
    assertThat(read.get(0).value()).isEqualTo(handed.value());
    assertThat(read.get(0).ageMillis()).isEqualTo(handed.ageMillis());
    assertThat(read.get(0).lifeMillis()).isEqualTo(handed.lifeMillis());
    assertThat(read.get(0).removed()).containsExactly(handed.removed().get(0));
  }
}
