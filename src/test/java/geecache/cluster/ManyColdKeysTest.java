package geecache.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.ByteView;
import geecache.CacheException;
import geecache.OverloadedException;
import geecache.SimulatedWorld;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Far more cold keys at once than a source can give in time, over two nodes. */
@Timeout(120)
class ManyColdKeysTest {
  private static final int KEYS = 1_000;
  private static final int PLACES = 8;
  private static final Duration LOAD = Duration.ofMillis(500);

  /** The world of the cluster, which the getter waits in. */
  private SimulatedWorld world;

  private byte[] load(String key) throws InterruptedException {
    world.sleep(LOAD);
    return key.getBytes(UTF_8);
  }

  private SimulatedCluster.Builder cluster() {
    return SimulatedCluster.builder()
        .nodes(2)
        .groups(node -> node.group("db").maxLoads(PLACES).register(this::load));
  }

  /** Each key has its value in time, or its caller is told to come again. */
  @ParameterizedTest
  @CsvSource({
    "true, batch, 64",
    "true, batch, 1",
    "true, get, 64",
    "false, batch, 64",
    "false, batch, 1"
  })
  void eachKeyIsLoadedOrRefused(boolean secret, String reads, int openAnswers) {
    SimulatedCluster.Builder builder = cluster().reads(reads).openAnswers(openAnswers);
    try (SimulatedCluster nodes = (secret ? builder : builder.withoutSecret()).met()) {
      world = nodes.world();
      List<CompletableFuture<ByteView>> gets = new ArrayList<>();
      for (int i = 0; i < KEYS; i++) {
        gets.add(nodes.node(i % 2).group("db").getAsync("k" + i));
      }
      world.until(() -> gets.stream().allMatch(CompletableFuture::isDone));
      Map<String, Integer> outcomes = new TreeMap<>();
      gets.forEach(get -> outcomes.merge(outcome(get), 1, Integer::sum));
      assertThat(outcomes.keySet()).as(outcomes.toString()).isSubsetOf("value", "overloaded");
      assertThat(outcomes.get("value")).as(outcomes.toString()).isGreaterThan(400);
    }
  }

  private static String outcome(CompletableFuture<ByteView> get) {
    try {
      get.join();
      return "value";
    } catch (CompletionException failure) {
      return failure.getCause() instanceof OverloadedException
          ? "overloaded"
          : failure.getCause() instanceof CacheException known
              ? known.getClass().getSimpleName() + known.getMessage().replaceAll("k[0-9]+", "*")
              : failure.toString();
    }
  }
}
