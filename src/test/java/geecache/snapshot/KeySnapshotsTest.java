package geecache.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.FakeTicker;
import geecache.Geecache;
import geecache.Getter;
import geecache.KeyNotFoundException;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class KeySnapshotsTest {
  private static final String SECRET = "snapshot-secret-0123456789";

  @TempDir Path directory;
  private final Map<String, AtomicInteger> loads = new ConcurrentHashMap<>();

  private Getter source() {
    return key -> {
      loads.computeIfAbsent(key, k -> new AtomicInteger()).incrementAndGet();
      return ("v-" + key).getBytes(UTF_8);
    };
  }

  private KeySnapshots start(Geecache node) {
    return KeySnapshots.start(node, Map.of("g", options(directory)));
  }

  private static SnapshotOptions options(Path place) {
    return SnapshotOptions.in(place).keysPerSecond(100_000);
  }

  private interface Work {
    void run() throws Exception;
  }

  /** Works while the keys of the group are kept. */
  private static void keeping(Geecache node, SnapshotOptions options, Work work) throws Exception {
    KeySnapshots keys = KeySnapshots.start(node, Map.of("g", options));
    try {
      work.run();
    } finally {
      keys.close();
    }
  }

  private static void awaitWarm(KeySnapshots keys, int count) {
    await().until(() -> keys.cold(100).isEmpty());
    assertThat(keys.progress()).map(WarmingProgress::warm).containsExactly(count);
  }

  private static void fill(Geecache node, int keys) throws Exception {
    for (int i = 0; i < keys; i++) {
      node.find("g").orElseThrow().get("k" + i);
    }
  }

  @Test
  void aNodeThatIsStartedAgainHasItsValuesBeforeAnybodyAsks() throws Exception {
    try (Geecache node = new Geecache()) {
      node.group("g").register(source());
      try (KeySnapshots keys = start(node)) {
        assertThat(keys.progress()).isEmpty();
        fill(node, 500);
      }
    }
    loads.clear();
    try (Geecache node = new Geecache()) {
      node.group("g").register(source());
      try (KeySnapshots keys = start(node)) {
        awaitWarm(keys, 500);
        fill(node, 500);
      }
    }
    assertThat(loads).hasSize(500);
    assertThat(loads.values()).allSatisfy(count -> assertThat(count).hasValue(1));
  }

  @Test
  void aNodeThatEndsBeforeItIsWarmForgetsNothing() throws Exception {
    Path file = directory.resolve("g.keys");
    List<String> all = IntStream.range(0, 500).mapToObj(i -> "k" + i).toList();
    new KeyFile(Instant.EPOCH, all).write(file, "g");
    CountDownLatch never = new CountDownLatch(1);
    try (Geecache node = new Geecache()) {
      node.group("g")
          .register(
              key -> {
                never.await();
                return new byte[0];
              });
      KeySnapshots keys = start(node);
      await().until(() -> node.find("g").orElseThrow().stats().loadsRunning() > 0);
      keys.close();
    }
    assertThat(KeyFile.read(file, "g").keys()).isEqualTo(all);
  }

  @Test
  void aNodeWhoseSourceIsDownForgetsNothing() throws Exception {
    Path file = directory.resolve("g.keys");
    new KeyFile(Instant.EPOCH, List.of("a", "b")).write(file, "g");
    try (Geecache node = new Geecache()) {
      node.group("g")
          .register(
              key -> {
                if (key.equals("a")) {
                  throw new IOException("down");
                }
                return new byte[1];
              });
      KeySnapshots keys = start(node);
      await().until(() -> keys.progress().get(0).done() == 2);
      keys.close();
    }
    assertThat(KeyFile.read(file, "g").keys()).containsExactly("b", "a");
  }

  /** In whatever order they end. */
  @Test
  void theKeysOfANodeThatIsClosedFirstAreWritten() throws Exception {
    KeySnapshots keys;
    try (Geecache node = new Geecache()) {
      node.group("g").register(source());
      keys = start(node);
      fill(node, 5);
    }
    keys.close();
    assertThat(KeyFile.read(directory.resolve("g.keys"), "g").keys()).hasSize(5);
  }

  @Test
  void aFileThatCannotBeReadIsNotReplaced() throws Exception {
    Path file = directory.resolve("g.keys");
    Files.createDirectory(file); // Reading it fails, and not since it is damaged.
    try (Geecache node = new Geecache()) {
      node.group("g").register(source());
      keeping(node, options(directory), () -> fill(node, 1));
    }
    assertThat(file).isDirectory();
    assertThat(directory).isDirectoryNotContaining("glob:**.new");
  }

  @Test
  void aNodeThatHadToWaitForTheFileHasItOnceTheOtherHasEnded() throws Exception {
    try (Geecache second = new Geecache()) {
      second.group("g").register(source());
      KeySnapshots[] later = new KeySnapshots[1];
      try (Geecache first = new Geecache()) {
        first.group("g").register(source());
        keeping(
            first,
            options(directory),
            () -> {
              fill(first, 3);
              later[0] = start(second);
            });
      }
      second.find("g").orElseThrow().get("other");
      later[0].close();
    }
    assertThat(KeyFile.read(directory.resolve("g.keys"), "g").keys())
        .containsExactlyInAnyOrder("other", "k0", "k1", "k2")
        .startsWith("other");
  }

  @Test
  void noMoreKeysAreKeptThanAllowed() throws Exception {
    try (Geecache node = new Geecache()) {
      node.group("g").register(source());
      keeping(node, options(directory).mostKeys(3), () -> fill(node, 10));
    }
    assertThat(KeyFile.read(directory.resolve("g.keys"), "g").keys()).hasSize(3);
  }

  @Test
  void absencesAndValuesPastTheirEndAreNotKept() throws Exception {
    FakeTicker ticker = new FakeTicker();
    try (Geecache node = new Geecache(ticker, 0)) {
      node.group("g")
          .absentTimeToLive(Duration.ofDays(1))
          .timeToLive(Duration.ofMinutes(1))
          .register(
              key -> {
                if (key.equals("k0")) {
                  throw new KeyNotFoundException(key);
                }
                return source().get(key);
              });
      keeping(
          node,
          options(directory),
          () -> {
            node.find("g").orElseThrow().get("k1");
            ticker.advance(Duration.ofMinutes(2));
            node.find("g").orElseThrow().get("k2");
            assertThatThrownBy(() -> node.find("g").orElseThrow().get("k0"))
                .isInstanceOf(KeyNotFoundException.class);
          });
    }
    assertThat(KeyFile.read(directory.resolve("g.keys"), "g").keys()).containsExactly("k2");
  }

  @Test
  void aDamagedFileIsAColdStartAndIsReplaced() throws Exception {
    Files.write(directory.resolve("g.keys"), "nonsense".getBytes(UTF_8));
    try (Geecache node = new Geecache()) {
      node.group("g").register(source());
      try (KeySnapshots keys = start(node)) {
        assertThat(keys.progress()).isEmpty();
        fill(node, 2);
      }
    }
    assertThat(KeyFile.read(directory.resolve("g.keys"), "g").keys())
        .containsExactlyInAnyOrder("k0", "k1");
  }

  @Test
  void aPlaceThatIsNoDirectoryFailsNothing() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    try (Geecache node = new Geecache()) {
      node.group("g").register(source());
      try (KeySnapshots keys = KeySnapshots.start(node, Map.of("g", options(file)))) {
        fill(node, 1);
        assertThat(keys.cold(100)).isEmpty();
      }
    }
  }

  @Test
  void twoNodesDoNotShareAFile() throws Exception {
    try (Geecache first = new Geecache();
        Geecache second = new Geecache()) {
      first.group("g").register(source());
      second.group("g").register(source());
      keeping(
          first,
          options(directory),
          () -> {
            fill(first, 3);
            keeping(second, options(directory), () -> fill(second, 1));
            assertThat(directory.resolve("g.keys")).doesNotExist();
          });
      assertThat(KeyFile.read(directory.resolve("g.keys"), "g").keys()).hasSize(3);
    }
  }

  @Test
  void aGroupThatTheNodeLacksIsRefused() {
    try (Geecache node = new Geecache()) {
      assertThatThrownBy(() -> start(node))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the node has no group g");
    }
  }

  @Test
  void nothingIsLeftOfOneThatIsClosed() throws Exception {
    try (Geecache node = new Geecache()) {
      node.group("g").register(source());
      KeySnapshots keys = start(node);
      keys.close();
      keys.close();
      assertThat(Thread.getAllStackTraces().keySet())
          .filteredOn(thread -> thread.getName().startsWith("geecache-snapshots"))
          .isEmpty();
    }
  }

  private TestCluster cluster() throws Exception {
    return TestCluster.builder()
        .nodes(3)
        .secret(SECRET)
        .groups(node -> node.group("g").register(source()))
        .start();
  }

  private List<KeySnapshots> start(TestCluster cluster) {
    List<KeySnapshots> all = new ArrayList<>();
    for (int i = 0; i < cluster.nodes().size(); i++) {
      all.add(
          KeySnapshots.start(
              cluster.node(i).geecache(), Map.of("g", options(directory.resolve("node" + i)))));
    }
    return all;
  }

  @Test
  void nodesThatAllStartAtOnceLoadEachKeyOnce() throws Exception {
    try (TestCluster cluster = cluster()) {
      List<KeySnapshots> keys = start(cluster);
      cluster.awaitContact();
      fill(cluster.node(0).geecache(), 600);
      keys.forEach(KeySnapshots::close);
    }
    loads.clear();
    // The ports are others now, and so are the owners of most keys.
    try (TestCluster cluster = cluster()) {
      List<KeySnapshots> keys = start(cluster);
      await().until(() -> keys.stream().allMatch(some -> some.cold(100).isEmpty()));
      assertThat(keys.stream().flatMap(some -> some.progress().stream()))
          .map(WarmingProgress::failed)
          .containsOnly(0);
      fill(cluster.node(1).geecache(), 600);
      keys.forEach(KeySnapshots::close);
    }
    assertThat(loads).hasSize(600);
    assertThat(loads.values()).allSatisfy(count -> assertThat(count).hasValue(1));
  }

  @Test
  void aNodeThatLeavesKeepsWhatItHadBefore() throws Exception {
    try (TestCluster cluster = cluster()) {
      List<KeySnapshots> keys = start(cluster);
      cluster.awaitContact();
      fill(cluster.node(0).geecache(), 600);
      Set<String> owned = new TreeSet<>();
      TestNode leaving = cluster.node(2);
      leaving.geecache().local().groups().forEach(group -> owned.addAll(group.hottestKeys()));
      assertThat(owned).isNotEmpty();
      leaving.pool().leave().get(20, TimeUnit.SECONDS);
      keys.forEach(KeySnapshots::close);
      assertThat(KeyFile.read(directory.resolve("node2").resolve("g.keys"), "g").keys())
          .containsExactlyInAnyOrderElementsOf(owned);
    }
  }
}
