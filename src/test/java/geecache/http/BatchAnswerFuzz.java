package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import geecache.ByteView;
import geecache.Stamp;
import geecache.cluster.VersionVector;
import geecache.http.BatchCodec.Frame;
import geecache.http.BatchCodec.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** What a peer answers to many keys: as many frames as it likes. */
final class BatchAnswerFuzz {
  /** Small, so that values over the limit are found. */
  private static final int MAX_VALUE_BYTES = 64;

  static Stream<byte[]> seeds() throws IOException {
    return Stream.of(
        written(
            List.of(
                new Frame(
                    3,
                    Kind.STALE_VALUE,
                    ByteView.of("630"),
                    1500,
                    0,
                    true,
                    true,
                    new Stamp(7, 1),
                    new VersionVector(Map.of(1L, 300L)),
                    240),
                Frame.of(0, Kind.REST_PENDING),
                Frame.of(1, Kind.LOAD_FAILED, ByteView.of("it failed")))),
        announcing(19_000));
  }

  /** Returns a frame that ends before its value, which may take no memory for that. */
  private static byte[] announcing(int length) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeUInt32NoTag(length + 10);
    out.writeTag(BatchCodec.BYTES, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt32NoTag(length);
    out.flush();
    return bytes.toByteArray();
  }

  @MethodSource("seeds")
  @FuzzTest
  void isReadAndWrittenAgainOrRefused(byte[] body) throws IOException {
    List<Frame> frames = UntrustedBytes.read(body, BatchAnswerFuzz::framesOf);
    if (frames != null) {
      assertThat(framesOf(written(frames))).isEqualTo(frames);
    }
  }

  private static List<Frame> framesOf(byte[] body) throws IOException {
    FrameReader in = new FrameReader(new ByteArrayInputStream(body));
    List<Frame> frames = new ArrayList<>();
    while (!in.isAtEnd()) {
      frames.add(in.read(MAX_VALUE_BYTES));
    }
    return frames;
  }

  private static byte[] written(List<Frame> frames) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    int size = 0;
    for (Frame frame : frames) {
      BatchCodec.write(out, frame);
      size += BatchCodec.size(frame);
    }
    out.flush();
    assertThat(bytes.size()).isEqualTo(size);
    return bytes.toByteArray();
  }
}
