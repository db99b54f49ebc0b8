package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.ByteView;
import geecache.GatedGetter;
import geecache.LogCapture;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

/** What a node logs of its pools and queues each half minute. */
class StateLogTest {
  private final GatedGetter source = new GatedGetter();

  private static StateLog of(TestNode node) {
    PeerOptions options = PeerOptions.defaults();
    return new StateLog(
        node.geecache().local(),
        node.pool().clusterNode(),
        new PeerThreads(),
        new PeerClient(1, options));
  }

  @Test
  void isThatOfThreadsGroupsAndPeers() throws Exception {
    try (LogCapture log = new LogCapture(StateLog.class, Level.FINE);
        TestCluster cluster =
            TestCluster.builder()
                .nodes(2)
                .groups((i, node) -> node.group("db").maxLoads(1).register(source))
                .start()) {
      cluster.awaitContact();
      TestNode node = cluster.node(0);
      CompletableFuture<ByteView> running = node.group("db").getAsync(own(node, "a"));
      GatedGetter.Call call = source.next();
      CompletableFuture<ByteView> waiting = node.group("db").getAsync(own(node, "b"));

      of(node).write();

      assertThat(log.messages())
          .containsSequence( // Nodes of other tests may speak too.
              "FINE threads: 1 run loads, 0 talk to peers; 0 changes of callers are under way",
              "FINE group db: 1 loads run, 1 wait for a place, 2 gets wait",
              "FINE peer "
                  + cluster.node(1).url()
                  + ": in contact, 0 keys queued, 0 changes not acknowledged, 0 of 136 connections in"
                  + " use");
      call.answer("1");
      source.next().answer("2");
      result(running);
      result(waiting);
    }
  }

  @Test
  void isNothingWhereNobodyWantsToKnow() {
    try (LogCapture log = new LogCapture(StateLog.class, Level.INFO);
        TestCluster cluster =
            TestCluster.builder()
                .groups(node -> node.group("db").register(key -> key.getBytes(UTF_8)))
                .start()) {
      of(cluster.node(0)).write();
      assertThat(log.messages()).isEmpty();
    }
  }

  private static String own(TestNode node, String prefix) {
    return CountedSource.keysOf(node, prefix, 1).get(0);
  }
}
