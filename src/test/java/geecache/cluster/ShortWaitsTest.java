package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.KeyNotFoundException;
import geecache.LoadTimeoutException;
import geecache.SimulatedWorld;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callers who wait for less time than the owner of the key takes to load it. */
@Timeout(60)
class ShortWaitsTest {
  /** The world of the cluster, which the getter waits in. */
  private SimulatedWorld world;

  private int loads;

  private byte[] load(String key) throws Exception {
    loads++;
    world.sleep(Duration.ofSeconds(1));
    throw new KeyNotFoundException("no " + key); // Which is not kept.
  }

  @Test
  void theOwnerIsNotAskedAgainOnceNobodyWaits() throws Exception {
    try (SimulatedCluster nodes =
        SimulatedCluster.builder()
            .nodes(2)
            .groups(node -> node.group("db").register(this::load))
            .met()) {
      world = nodes.world();
      String key = VersionedSource.keyOwnedBy(nodes.node(1));
      CompletableFuture<?> get =
          world.begin(() -> nodes.node(0).group("db").get(key, Duration.ofMillis(300)));
      assertThatThrownBy(() -> world.result(get)).isInstanceOf(LoadTimeoutException.class);
      world.pass(Duration.ofSeconds(30));
      assertThat(loads).isEqualTo(1);
    }
  }
}
