package geecache.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import geecache.FakeTicker;
import geecache.Geecache;
import geecache.settings.Settings;
import geecache.testing.Response;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class KeptKeysTest {
  private static final String USERS = "geecache.groups.users.";

  @TempDir Path directory;

  private static List<String> faults(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(Map.of(USERS + "source", "scores"));
    all.putAll(more);
    Settings settings = WrittenSettings.ofParameters(all).settings();
    try (ConfiguredGroups groups = new ConfiguredGroups(settings)) {
      return ConfiguredNode.faults(settings, groups);
    }
  }

  @ParameterizedTest
  @CsvSource({"snapshot-every, 5m", "snapshot-keys, 10", "snapshot-rate, 10"})
  void needADirectory(String setting, String value) {
    assertThat(faults(Map.of(USERS + setting, value)))
        .containsExactly("geecache.groups.users: " + setting + " needs snapshot");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "80 | must be a part and a time such as `80%,60s`",
        "0%,60s | must be a part and a time such as `80%,60s`",
        "101%,60s | must be a part and a time such as `80%,60s`",
        "80%,soon | its time must be a time such as `500ms`, `30s`, `10m`, `2h` or `1d`, at least"
            + " `1s`"
      })
  void aWrongTimeToBeReadyIsRefused(String text, String message) {
    assertThat(
            faults(
                Map.of(USERS + "snapshot", directory.toString(), "geecache.ready-when-warm", text)))
        .containsExactly("geecache.ready-when-warm=" + text + " (context parameter): " + message);
  }

  @Test
  void aNodeDoesNotWaitForKeysThatNoGroupKeeps() {
    assertThat(faults(Map.of("geecache.ready-when-warm", "80%,60s")))
        .containsExactly("geecache.ready-when-warm needs a group with snapshot");
  }

  @Test
  void aGroupThatItsCallersFillKeepsNoKeys() {
    Settings settings =
        WrittenSettings.ofParameters(Map.of(USERS + "snapshot", directory.toString())).settings();
    try (ConfiguredGroups groups = new ConfiguredGroups(settings, true)) {
      assertThat(ConfiguredNode.faults(settings, groups))
          .containsExactly(
              "geecache.groups.users: snapshot is for source=jdbc or source=http or"
                  + " source=scores");
    }
  }

  private static Response ready(TestNode node) throws IOException {
    return node.request("GET", "/health/ready", Map.of(), null);
  }

  /** The source of {@code scores} is a map; here it has to be one that waits. */
  @Test
  void aNodeThatIsStartedAgainIsNotReadyBeforeItIsWarm() throws Exception {
    CountDownLatch released = new CountDownLatch(1);
    HttpServer origin = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    AtomicBoolean slow = new AtomicBoolean();
    origin.createContext(
        "/",
        exchange -> {
          if (slow.get()) {
            awaitUnchecked(released);
          }
          exchange.sendResponseHeaders(200, 1);
          exchange.getResponseBody().write('x');
          exchange.close();
        });
    origin.setExecutor(Executors.newCachedThreadPool());
    origin.start();
    try (TestCluster cluster =
        TestCluster.builder()
            .setting(USERS + "source", "http")
            .setting(USERS + "url", "http://127.0.0.1:" + origin.getAddress().getPort() + "/{key}")
            .setting(USERS + "ttl", "1h")
            .setting(USERS + "freshness", "false")
            .setting(USERS + "snapshot", directory.toString())
            .setting("geecache.ready-when-warm", "100%,1h")
            .start()) {
      TestNode node = cluster.node(0);
      assertThat(ready(node).status()).isEqualTo(200);
      assertThat(node.get("users", "Tom").text()).isEqualTo("x");
      slow.set(true);
      node.restart();
      assertThat(ready(node).status()).isEqualTo(503);
      assertThat(ready(node).text())
          .isEqualTo("not ready: group users has loaded 0 of 1 keys again\n");
      released.countDown();
      await().until(() -> ready(node).status() == 200);
      assertThat(node.group("users").getIfPresent("Tom")).isPresent();
    } finally {
      released.countDown();
      origin.stop(0);
      ((ExecutorService) origin.getExecutor()).shutdownNow();
    }
  }

  private static void awaitUnchecked(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  /** Before a source that answers when it may. */
  @Test
  void aNodeIsHeldBackUntilEnoughKeysAreLoadedAndNoLongerThanAllowed() throws Exception {
    Map<String, String> written =
        Map.of(USERS + "source", "scores", USERS + "snapshot", directory.toString());
    Settings settings = WrittenSettings.ofParameters(written).settings();
    FakeTicker ticker = new FakeTicker();
    try (Geecache node = new Geecache()) {
      node.group("users").register(key -> new byte[1]);
      KeptKeys first = new KeptKeys(ticker);
      first.add("users", settings);
      first.start(node);
      for (int i = 0; i < 10; i++) {
        node.find("users").orElseThrow().get("k" + i);
      }
      first.close();
    }
    CountDownLatch source = new CountDownLatch(1);
    try (Geecache node = new Geecache();
        KeptKeys kept = new KeptKeys(ticker)) {
      node.group("users")
          .register(
              key -> {
                if (key.compareTo("k5") >= 0) {
                  source.await();
                }
                return new byte[1];
              });
      kept.add("users", settings);
      kept.start(node);
      await().until(() -> lacking(kept, "51%,10s").toString().contains("loaded 5 of 10 keys"));
      assertThat(lacking(kept, "50%,10s")).isEmpty();
      assertThat(lacking(kept, "51%,10s"))
          .containsExactly("group users has loaded 5 of 10 keys again");
      assertThat(kept.lacking(Optional.empty())).isEmpty();
      ticker.advance(Duration.ofSeconds(10));
      assertThat(lacking(kept, "51%,10s")).isEmpty();
      assertThat(lacking(kept, "51%,11s")).isNotEmpty();
      source.countDown();
      await().until(() -> lacking(kept, "100%,1h").isEmpty());
    }
  }

  private static List<String> lacking(KeptKeys kept, String enough) {
    return kept.lacking(Optional.of(WarmEnough.of(enough)));
  }
}
