package geecache.http;

import static geecache.http.CountedSource.valueOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.cluster.KeyRead;
import geecache.cluster.VersionVector;
import geecache.http.PeerClient.Question;
import geecache.testing.Fault;
import geecache.testing.TestCluster;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PeerClientLimitsTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  /**
   * The head of this answer is short, and a client that takes it for a part of what precedes it
   * waits for more until the peer has been silent for too long.
   */
  @Test
  @Timeout(120)
  void bytesAfterAnAnswerAreNotSearchedForTheNext() throws Exception {
    PeerOptions patient =
        PeerOptions.builder()
            .timeout(Duration.ofSeconds(20))
            .connections(1)
            .maxOpenAnswers(1)
            .build();
    try (TestCluster cluster =
            TestCluster.builder()
                .fronts()
                .groups(node -> node.group("g").register(new CountedSource().at(0)))
                .start();
        PeerClient client = new PeerClient(1, patient)) {
      cluster.node(0).group("g").get("k");
      cluster.node(0).front().become(Fault.LONG_BODY);
      Question question =
          Question.post(
              URI.create(cluster.node(0).url()),
              "/_geecache/g",
              new String[0],
              BatchCodec.CONTENT_TYPE,
              BatchCodec.request(
                  new BatchCodec.BatchRead(
                      false, List.of(new KeyRead("k", List.of(), false)), VersionVector.EMPTY)),
              LONG);

      assertThat(ask(client, question)).contains(valueOf("k"));
      assertThatThrownBy(() -> ask(client, question))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(SocketTimeoutException.class);

      assertThat(ask(client, question)).contains(valueOf("k"));
    }
  }

  private static String ask(PeerClient client, Question question) throws IOException {
    return client.ask(question, reply -> new String(reply.bytes(100), StandardCharsets.UTF_8));
  }
}
