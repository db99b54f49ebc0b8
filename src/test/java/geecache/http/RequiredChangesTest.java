package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.cluster.KeyRead;
import geecache.cluster.Removal;
import geecache.cluster.VersionVector;
import geecache.http.BatchCodec.BatchRead;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A read may require changes that the answering node has missed. */
class RequiredChangesTest {
  private static final long ORIGIN = 0xabc;
  private static final VersionVector REQUIRED = new VersionVector(Map.of(ORIGIN, 2L));

  private static String status(Reply reply) {
    return reply.code() + " " + reply.headers().get(Reply.STATUS_HEADER);
  }

  private static Reply batch(ServedNode served) throws Exception {
    return served.batch(
        new BatchRead(false, List.of(new KeyRead("Tom", List.of(), false)), REQUIRED));
  }

  private static Removal removal(long number) {
    return new Removal(ORIGIN, number, number, "g", "other");
  }

  @Test
  void aNodeThatHasMissedThemDoesNotAnswer() throws Exception {
    try (ServedNode served = new ServedNode(ServedNode.SECRET)) {
      served.asNode().group().register(key -> key.getBytes(UTF_8));
      served.with(PeerHeaders.REQUIRED, PeerHeaders.of(REQUIRED));
      served.change(List.of(), removal(1));
      assertThat(status(served.get("Tom"))).isEqualTo("503 behind");
      assertThat(status(batch(served))).isEqualTo("503 behind");
      served.change(List.of(), removal(2));
      assertThat(status(served.get("Tom"))).isEqualTo("200 ok");
      assertThat(status(batch(served))).isEqualTo("200 ok");
    }
  }

  /** They know none, and there are none where nothing can be changed. */
  @Test
  void strangersAndNodesWithoutASecretAreAnswered() throws Exception {
    try (ServedNode served = new ServedNode(ServedNode.OPEN)) {
      served.group().register(key -> key.getBytes(UTF_8));
      served.with(PeerHeaders.REQUIRED, PeerHeaders.of(REQUIRED));
      assertThat(status(served.get("Tom"))).isEqualTo("200 ok");
      served.with(PeerHeaders.SENDER, ServedNode.MARK);
      assertThat(status(served.get("Tom"))).isEqualTo("200 ok");
      assertThat(status(batch(served))).isEqualTo("200 ok");
    }
  }

  @Test
  void aMalformedHeaderIsRefused() throws Exception {
    try (ServedNode served = new ServedNode(ServedNode.SECRET)) {
      served.asNode().group().register(key -> key.getBytes(UTF_8));
      served.with(PeerHeaders.REQUIRED, "x");
      assertThat(status(served.get("Tom"))).isEqualTo("400 bad-request");
    }
  }
}
