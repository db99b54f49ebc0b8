package geecache.http;

import static geecache.http.CountedSource.keysOf;
import static geecache.http.CountedSource.valueOf;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.Group;
import geecache.OverloadedException;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An owner that takes no more bodies refuses a whole question, and not single keys of it. */
@Timeout(120)
class OverloadedOwnerTest {
  private final CountedSource source = new CountedSource();

  /**
   * Begins a question that looks like one of a node, and holds back all but one byte of its body.
   */
  private static Socket holdBody(TestNode owner) throws IOException {
    URI url = URI.create(owner.url());
    Socket socket = new Socket(url.getHost(), url.getPort());
    String head =
        """
        POST %s/_geecache/g HTTP/1.1
        Host: %s
        Content-Type: %s
        Geecache-Peer: %s
        Content-Length: 100

        x"""
            .formatted(url.getPath(), url.getAuthority(), BatchCodec.CONTENT_TYPE, ServedNode.MARK);
    socket.getOutputStream().write(head.replace("\n", "\r\n").getBytes(US_ASCII));
    return socket;
  }

  private static boolean isRefused(CompletableFuture<ByteView> get) {
    try {
      get.join();
      return false;
    } catch (CompletionException failed) {
      assertThat(failed).hasCauseExactlyInstanceOf(OverloadedException.class);
      return true;
    }
  }

  @Test
  void eachKeyOfTheQuestionIsOverloadedAndTheSourceIsNotAsked() throws Exception {
    try (TestCluster cluster =
        TestCluster.builder()
            .nodes(2)
            .setting("geecache.max-bodies", "1")
            .groups((i, node) -> node.group("g").register(source.at(i)))
            .start()) {
      cluster.awaitContact();
      TestNode owner = cluster.node(1);
      Group asking = cluster.node(0).group("g");
      List<String> probes = keysOf(owner, "probe", 1_000);
      List<String> keys = keysOf(owner, "k", 3);

      try (Socket held = holdBody(owner)) {
        int[] asked = {0};
        await().until(() -> isRefused(asking.getAsync(probes.get(asked[0]++))));

        assertThatThrownBy(() -> asking.getAll(keys))
            .isExactlyInstanceOf(OverloadedException.class)
            .hasMessage("overloaded: 1 bodies of requests are being read");
        assertThat(keys.stream().map(asking::getAsync).toList())
            .allMatch(OverloadedOwnerTest::isRefused);
        assertThat(held.isClosed()).isFalse();
      }
      assertThat(keys).allMatch(key -> source.loadsOf(key).isEmpty());
      assertThat(cluster.node(0).pool().stats().failures()).isZero();
      assertThat(cluster.node(0).pool().inContact()).containsExactly(owner.url());

      await().until(() -> !isRefused(asking.getAsync(keys.get(0))));
      Map<String, ByteView> values = asking.getAll(keys);
      assertThat(keys)
          .allSatisfy(
              key -> {
                assertThat(values.get(key)).hasToString(valueOf(key));
                assertThat(source.loadsOf(key)).containsExactly(owner.index());
              });
    }
  }
}
