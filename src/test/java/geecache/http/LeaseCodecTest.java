package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedOutputStream;
import geecache.ByteView;
import geecache.KeyNotFoundException;
import geecache.LeaseEnd;
import geecache.LoadException;
import geecache.Stamp;
import geecache.Value;
import geecache.cluster.Changes;
import geecache.cluster.KeyRead;
import geecache.cluster.LeaseAnswer;
import geecache.cluster.LeaseNews;
import geecache.cluster.SetChange;
import geecache.cluster.VersionVector;
import geecache.http.BatchCodec.BatchRead;
import geecache.http.BatchCodec.Frame;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What nodes say of leases, written and read. */
class LeaseCodecTest {
  private static LeaseNews again(LeaseNews news) throws IOException {
    return LeaseCodec.readNews(LeaseCodec.news(news));
  }

  private static LeaseEnd again(LeaseEnd end) throws IOException {
    return again(new LeaseNews(7, List.of(), List.of(new LeaseNews.Ended(3, end))))
        .ended()
        .get(0)
        .end();
  }

  @Test
  void leasesThatLiveAreReadAsTheyWereWritten() throws IOException {
    LeaseNews news = new LeaseNews(-7, List.of(1L, Long.MAX_VALUE), List.of());
    assertThat(again(news)).isEqualTo(news);
  }

  @Test
  void aValueIsReadAsItWasWritten() throws IOException {
    LeaseEnd end =
        new LeaseEnd(
            new Value(ByteView.of("630"), Duration.ofSeconds(5)),
            Duration.ofMillis(20),
            Duration.ofMillis(3),
            null);
    assertThat(again(end)).isEqualTo(end);
    LeaseEnd plain = new LeaseEnd(Value.of(ByteView.of("")), Duration.ZERO, Duration.ZERO, null);
    assertThat(again(plain)).isEqualTo(plain);
  }

  /** Rounded down, it could hide a removal. */
  @Test
  void theAgeOfASnapshotIsRoundedUp() throws IOException {
    LeaseEnd end =
        new LeaseEnd(Value.of(ByteView.of("x")), Duration.ZERO, Duration.ofNanos(1), null);
    assertThat(again(end).snapshot()).isEqualTo(Duration.ofNanos(1_000));
  }

  @Test
  void failuresKeepTheirKinds() throws IOException {
    assertThat(again(LeaseEnd.givenBack())).isEqualTo(LeaseEnd.givenBack());
    assertThat(again(LeaseEnd.failed(new KeyNotFoundException("no Tom"))).failure())
        .isInstanceOf(KeyNotFoundException.class)
        .hasMessage("no Tom");
    assertThat(again(LeaseEnd.failed(new LoadException("broken"))).failure())
        .isInstanceOf(LoadException.class)
        .hasMessage("broken");
  }

  @Test
  void theAnswerSaysWhatBecameOfEach() throws IOException {
    List<LeaseEnd.Taken> taken = List.of(LeaseEnd.Taken.LANDED, LeaseEnd.Taken.REFUSED);
    assertThat(LeaseCodec.readAnswer(9, LeaseCodec.answer(taken)))
        .isEqualTo(new LeaseAnswer(9, taken));
  }

  @Test
  void aMessageWithTooManyLeasesIsRefused() throws IOException {
    LeaseNews.Ended ended = new LeaseNews.Ended(1, LeaseEnd.givenBack());
    byte[] most =
        LeaseCodec.news(
            new LeaseNews(7, List.of(), Collections.nCopies(LeaseNews.MOST_ENDED, ended)));
    byte[] more =
        LeaseCodec.news(
            new LeaseNews(7, List.of(), Collections.nCopies(LeaseNews.MOST_ENDED + 1, ended)));
    assertThat(LeaseCodec.readNews(most).ended()).hasSize(LeaseNews.MOST_ENDED);
    assertThatThrownBy(() -> LeaseCodec.readNews(more)).isInstanceOf(IOException.class);
  }

  @Test
  void anAskSaysThatItsCallerCanLoadAndAFrameGivesTheLease() throws IOException {
    KeyRead ask = new KeyRead("Tom", List.of(), false, Duration.ofSeconds(1), 2, 3, true);
    BatchRead asked = new BatchRead(true, List.of(ask), VersionVector.EMPTY);
    assertThat(BatchCodec.readRequest(new ByteArrayInputStream(BatchCodec.request(asked))))
        .isEqualTo(asked);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    Frame leased = Frame.leased(4, 1_000_000_007L);
    BatchCodec.write(out, leased);
    out.flush();
    assertThat(new FrameReader(new ByteArrayInputStream(bytes.toByteArray())).read(10))
        .isEqualTo(leased);
  }

  @Test
  void aSetSaysThatItIsForAnAbsentKey() throws IOException {
    byte[] value = "630".getBytes(UTF_8);
    SetChange set =
        new SetChange("g", "Tom", value, -1, new Stamp(1, 2), VersionVector.EMPTY, true);
    byte[] body = ChangesCodec.changes(new Changes(7, 8, List.of(set), null, List.of()));
    assertThat(ChangesCodec.readChanges(body).sets().get(0).ifAbsent()).isTrue();
  }
}
