package geecache.http;

import static geecache.Callers.result;
import static geecache.http.CountedSource.keysOf;
import static geecache.http.CountedSource.valueOf;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.Callers;
import geecache.Group;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A node has died, and the others want what it owned. */
@Timeout(120)
class DeadOwnerTest {
  private static final int KEYS = 500;
  private static final int CALLERS = 4;

  /** Once is what the ring without it makes of it; twice where a node learns of the death later. */
  @ParameterizedTest
  @CsvSource({"batch, false", "batch, true", "get, false", "get, true"})
  void theKeysOfADeadNodeAreLoadedAboutOnceAndNotOnEachNode(String how, boolean warm)
      throws Exception {
    CountedSource source = new CountedSource();
    try (Callers callers = new Callers();
        TestCluster cluster =
            TestCluster.builder()
                .nodes(5)
                .peerRequests(how)
                .groups((i, node) -> node.group("g").register(source.at(i)))
                .start()) {
      cluster.awaitContact();
      TestNode dead = cluster.node(2);
      List<String> keys = keysOf(dead, "k", KEYS);
      if (warm) {
        dead.group("g").getAll(keys);
        source.forget();
      }

      dead.stop();
      List<CompletableFuture<Object>> all = new ArrayList<>();
      for (TestNode node : cluster.nodes()) {
        for (int part = 0; node != dead && part < CALLERS; part++) {
          List<String> some = keys.subList(part * KEYS / CALLERS, (part + 1) * KEYS / CALLERS);
          all.add(callers.call(() -> getEach(node.group("g"), some)));
        }
      }
      for (CompletableFuture<Object> answered : all) {
        result(answered);
      }

      assertThat(keys).allSatisfy(key -> assertThat(source.loadsOf(key)).hasSizeBetween(1, 2));
    }
  }

  private static Object getEach(Group group, List<String> keys) throws Exception {
    for (String key : keys) {
      assertThat(group.get(key)).hasToString(valueOf(key));
    }
    return keys;
  }
}
