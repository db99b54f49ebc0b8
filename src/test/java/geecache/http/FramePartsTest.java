package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import geecache.ByteView;
import geecache.Stamp;
import geecache.http.BatchCodec.Frame;
import geecache.http.BatchCodec.Kind;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class FramePartsTest {
  private static final ByteView LARGE = ByteView.of(new byte[9_000]);

  private static Frame value(int index, ByteView bytes) {
    return new Frame(index, Kind.VALUE, bytes, 7, 8, true, true, new Stamp(9, 10), null, 300);
  }

  /** Returns the parts of what {@link BatchCodec#write} writes, having compared both. */
  private static List<ByteView> parts(List<Frame> frames) throws Exception {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(written);
    for (Frame frame : frames) {
      BatchCodec.write(out, frame);
    }
    out.flush();
    List<ByteView> parts = new ArrayList<>();
    new FrameParts(frames).forEachRemaining(parts::add);
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (ByteView part : parts) {
      part.writeTo(joined);
    }
    assertThat(joined.toByteArray()).isEqualTo(written.toByteArray());
    assertThat(parts).noneMatch(part -> part.length() == 0);
    return parts;
  }

  @Test
  void largeValuesArePartsThemselves() throws Exception {
    List<ByteView> parts =
        parts(
            List.of(
                value(0, ByteView.of("small")),
                value(1, LARGE),
                value(2, LARGE),
                Frame.of(3, Kind.PENDING)));
    assertThat(parts).hasSize(5);
    assertThat(parts.get(1)).isSameAs(LARGE);
    assertThat(parts.get(3)).isSameAs(LARGE);
  }

  @Test
  void theLastMayBeLarge() throws Exception {
    assertThat(parts(List.of(value(0, LARGE)))).hasSize(3);
  }

  /** Some containers throw if anything is written after the last byte, be it nothing. */
  @Test
  void noPartIsEmptyWhereNothingFollowsALargeValue() throws Exception {
    Frame bare = Frame.of(0, Kind.VALUE, LARGE);
    assertThat(parts(List.of(bare))).hasSize(2);
    assertThat(parts(List.of(bare, bare))).hasSize(4);
  }

  @Test
  void manySmallOnesAreCopiedSomeKilobytesAtATime() throws Exception {
    List<Frame> frames = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      frames.add(value(i, ByteView.of("v".repeat(i))));
    }
    assertThat(parts(frames)).hasSizeBetween(10, 20).allMatch(part -> part.length() < 40 << 10);
  }

  @Test
  void smallOnesAreCopiedOnce() {
    List<Frame> frames = Collections.nCopies(30, value(0, ByteView.of("v".repeat(1_000))));
    Runnable take = () -> new FrameParts(frames).forEachRemaining(part -> {});
    take.run(); // Loads the classes.
    assertThat(Bytes.allocatedBy(take)).isBetween(30_000L, 45_000L);
  }

  @Test
  void noFrameHasNoPart() throws Exception {
    assertThat(parts(List.of())).isEmpty();
  }
}
