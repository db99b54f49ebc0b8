package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import geecache.cluster.KeyRead;
import geecache.cluster.Removal;
import geecache.cluster.VersionVector;
import geecache.http.BatchCodec.BatchRead;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** What a node is asked by many keys in one request. */
final class BatchRequestFuzz {
  private static final KeyRead ASK =
      new KeyRead("Tom", List.of(new Removal.Named(new Removal.Id(-1, 300), 7, true)), false);

  static Stream<byte[]> seeds() throws IOException {
    return Stream.of(
        BatchCodec.request(
            new BatchRead(
                true, List.of(ASK, new KeyRead("k", List.of(), true)), VersionVector.EMPTY)));
  }

  @MethodSource("seeds")
  @FuzzTest
  void isReadAndWrittenAgainOrRefused(byte[] body) throws IOException {
    BatchRead asked = UntrustedBytes.read(body, Bytes::readRequest);
    if (asked != null) {
      assertThat(asked.keys()).hasSizeLessThanOrEqualTo(BatchCodec.MOST_KEYS);
      assertThat(Bytes.readRequest(BatchCodec.request(asked))).isEqualTo(asked);
    }
  }
}
