package geecache.http;

import static geecache.http.CountedSource.valueOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.http.PeerClient.Question;
import geecache.testing.Fault;
import geecache.testing.TestCluster;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PeerClientLimitsTest {
  private static final long LONG = Duration.ofMinutes(5).toNanos();

  /** With so much patience for silence, whoever searches on in what follows is not done in time. */
  @Test
  @Timeout(60)
  void whatFollowsAnAnswerIsNotSearchedForTheNext() throws Exception {
    PeerOptions patient = PeerOptions.defaults().withLimits(Duration.ofMinutes(5), 1, 1, 1, 1);
    try (TestCluster cluster =
            TestCluster.builder()
                .fronts()
                .groups(node -> node.group("g").register(new CountedSource().at(0)))
                .start();
        PeerClient client = new PeerClient(1, patient)) {
      cluster.node(0).front().become(Fault.LONG_BODY);
      Question question =
          Question.get(URI.create(cluster.node(0).url()), "/_geecache/g/k", new String[0], LONG);

      assertThat(ask(client, question)).isEqualTo(valueOf("k"));
      assertThatThrownBy(() -> ask(client, question))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(SocketTimeoutException.class);

      assertThat(ask(client, question)).isEqualTo(valueOf("k"));
    }
  }

  private static String ask(PeerClient client, Question question) throws IOException {
    return client.ask(question, reply -> new String(reply.bytes(100), StandardCharsets.UTF_8));
  }
}
