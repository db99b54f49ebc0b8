package geecache.cluster;

import static geecache.cluster.VersionedSource.KEYS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.ByteView;
import geecache.Geecache;
import geecache.GroupBuilder;
import geecache.ring.HashRing;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes that have a group with different versions of its values. */
class ValueVersionsTest {
  /** By node, the version of its values when it is started next; null for no group at first. */
  private final String[] versions = {"", "", "2", "2"};

  private final Map<String, Integer> written = new HashMap<>();
  private int loads;

  private SimulatedCluster.Builder cluster(int nodes) {
    return SimulatedCluster.builder()
        .nodes(nodes)
        .groups(
            (index, node) -> {
              if (versions[index] != null) {
                register(node, versions[index]);
              }
            });
  }

  private void register(Geecache node, String version) {
    node.group("db")
        .store(GroupBuilder.Store.LRU)
        .version(version)
        .register(key -> load(key, version));
  }

  private byte[] load(String key, String version) {
    loads++;
    return value(key, version).getBytes(UTF_8);
  }

  private String value(String key, String version) {
    return written.getOrDefault(key, 1) + "@" + version;
  }

  private void assertEachHasItsOwn(SimulatedCluster cluster, int... nodes) throws Exception {
    for (int node : nodes) {
      for (String key : KEYS) {
        assertThat(cluster.node(node).group("db").get(key)).hasToString(value(key, versions[node]));
      }
    }
  }

  private static long owners(SimulatedCluster cluster, String key, int... nodes) {
    return IntStream.of(nodes).filter(i -> cluster.node(i).owns("db", key)).count();
  }

  private static SimulatedNode ownerOf(SimulatedCluster cluster, String key, int... nodes) {
    int owner =
        IntStream.of(nodes).filter(i -> cluster.node(i).owns("db", key)).findFirst().orElseThrow();
    return cluster.node(owner);
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void theNodesOfEachVersionShareOneLoadOfAKey(String how) throws Exception {
    try (SimulatedCluster cluster = cluster(4).reads(how).met()) {
      for (String key : KEYS) {
        assertThat(owners(cluster, key, 0, 1)).isEqualTo(1);
        assertThat(owners(cluster, key, 2, 3)).isEqualTo(1);
      }
      assertEachHasItsOwn(cluster, 0, 1, 2, 3);
      assertThat(loads).isEqualTo(2 * KEYS.size());
    }
  }

  /** Nobody tells groups there: refusals do. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void withoutASecretTheNodesOfEachVersionShareOneLoadToo(String how) throws Exception {
    try (SimulatedCluster cluster = cluster(4).withoutSecret().reads(how).met()) {
      assertEachHasItsOwn(cluster, 0, 1, 2, 3);
      assertThat(loads).isEqualTo(2 * KEYS.size());
    }
  }

  /** What was refused half a minute ago is asked once more, and goes on to the next node again. */
  @Test
  void withoutASecretANodeIsAskedAgainForAGroupThatItRefused() throws Exception {
    versions[1] = null;
    try (SimulatedCluster cluster = cluster(2).withoutSecret().met()) {
      cluster.world().pass(Duration.ofMinutes(2)); // Neither has just joined.
      assertEachHasItsOwn(cluster, 0);
      cluster.node(1).register(node -> register(node, ""));
      versions[1] = "";
      cluster.world().pass(Duration.ofSeconds(45));
      assertThat(KEYS).anyMatch(key -> !cluster.node(0).owns("db", key));
      assertEachHasItsOwn(cluster, 0, 1);
      assertThat(loads).as("the former owner has them").isEqualTo(KEYS.size());
    }
  }

  /** By the ring, that owned the key before; it is not known yet that it has another version. */
  @Test
  void aFormerOwnerThatRefusesTheVersionIsPassedOver() throws Exception {
    versions[1] = "2";
    versions[2] = null;
    try (SimulatedCluster cluster = cluster(3).withoutSecret().met()) {
      cluster.world().pass(Duration.ofMinutes(2)); // None has just joined.
      assertEachHasItsOwn(cluster, 0);
      cluster.node(2).register(node -> register(node, ""));
      HashRing before = HashRing.of(cluster.urls(0, 1));
      String key =
          KEYS.stream()
              .filter(each -> cluster.node(2).owns("db", each))
              .filter(each -> cluster.node(1).url().equals(before.owner(each)))
              .findFirst()
              .orElseThrow();
      assertThat(cluster.node(2).group("db").get(key)).hasToString("1@");
      assertThat(loads).isEqualTo(KEYS.size());
    }
  }

  @Test
  void aRemovalReachesTheNodesOfAllVersions() throws Exception {
    try (SimulatedCluster cluster = cluster(4).met()) {
      assertEachHasItsOwn(cluster, 0, 1, 2, 3);
      for (String key : KEYS.subList(0, 20)) {
        written.put(key, 2);
        cluster.node(0).group("db").remove(key);
      }
      assertEachHasItsOwn(cluster, 0, 1, 2, 3);
      cluster.node(3).group("db").clear();
      assertThat(cluster.node(0).group("db").stats().entries()).isZero();
    }
  }

  @Test
  void aSetInOneVersionIsARemovalInTheOthers() throws Exception {
    try (SimulatedCluster cluster = cluster(4).met()) {
      assertEachHasItsOwn(cluster, 0, 1, 2, 3);
      int before = loads;
      for (String key : KEYS.subList(0, 20)) {
        written.put(key, 2);
        cluster.node(3).group("db").set(key, ByteView.of(value(key, "2")), null);
        assertThat(ownerOf(cluster, key, 0, 1).local("db").peek(key)).isNull();
        assertThat(ownerOf(cluster, key, 2, 3).local("db").peek(key)).isNotNull();
      }
      assertEachHasItsOwn(cluster, 0, 1, 2, 3);
      assertThat(loads).as("only by the nodes of the other version").isEqualTo(before + 20);
    }
  }

  /** All have no version at first; each node in turn leaves, ends, and has version 2. */
  @Test
  void aRollingDeployWithARaisedVersionEmptiesNothingThatIsStillGood() throws Exception {
    versions[2] = "";
    try (SimulatedCluster cluster = cluster(3).met()) {
      assertEachHasItsOwn(cluster, 0, 1, 2);
      for (int i = 0; i < 3; i++) {
        int before = loads;
        redeploy(cluster, i, "2");
        int[] old = IntStream.range(i + 1, 3).toArray();
        assertEachHasItsOwn(cluster, old);
        assertThat(loads).as("at nodes of the former version").isEqualTo(before);
        assertEachHasItsOwn(cluster, IntStream.rangeClosed(0, i).toArray());
        assertThat(loads).as("once for the new one").isEqualTo(2 * KEYS.size());
      }
    }
  }

  @Test
  void aRollingDeployWithTheSameVersionLoadsNothing() throws Exception {
    versions[0] = "2";
    versions[1] = "2";
    try (SimulatedCluster cluster = cluster(3).met()) {
      assertEachHasItsOwn(cluster, 0, 1, 2);
      for (int i = 0; i < 3; i++) {
        redeploy(cluster, i, "2");
        assertEachHasItsOwn(cluster, 0, 1, 2);
      }
      assertThat(loads).isEqualTo(KEYS.size());
    }
  }

  private void redeploy(SimulatedCluster cluster, int index, String version) throws Exception {
    SimulatedNode node = cluster.node(index);
    CompletableFuture<LeaveReport> left = node.cluster().leave();
    assertThat(cluster.world().result(left).over()).isTrue();
    node.stop();
    versions[index] = version;
    node.start();
    node.show(cluster.urls(0, 1, 2));
    cluster.world().until(() -> KEYS.stream().anyMatch(key -> node.owns("db", key)));
    cluster.awaitContact();
    cluster.world().pass(Duration.ofMillis(100));
  }

  /** What is handed over is addressed to a URL, where another node may have been started. */
  @Test
  void entriesThatReachTheNextNodeOfTheNameWithAnotherVersionGoToTheOthers() throws Exception {
    versions[2] = "";
    try (SimulatedCluster cluster = cluster(3).timeout(Duration.ofSeconds(10)).met()) {
      assertEachHasItsOwn(cluster, 0, 1, 2);
      String to = cluster.node(2).url();
      SimulatedNetwork.Rule held =
          cluster
              .network()
              .hold(sent -> sent.kind() == SimulatedNetwork.Kind.HANDOVER && sent.to().equals(to));
      CompletableFuture<LeaveReport> left = cluster.node(0).cluster().leave();
      cluster.world().until(() -> held.count() == 1);
      cluster.node(2).crash();
      versions[2] = "3";
      cluster.node(2).start();
      cluster.node(2).show(cluster.urls(0, 1, 2));
      cluster.awaitContact();
      held.release();
      LeaveReport report = cluster.world().result(left);
      assertThat(report.taken()).isEqualTo(report.entries());
      assertThat(report.unsent()).isZero();
      assertEachHasItsOwn(cluster, 1, 2);
    }
  }

  /** The node says in its meetings that it has it, and asks the former owners of its keys. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aGroupThatANodeHasLaterMovesItsKeysWithTheirValues(boolean hasAnother) throws Exception {
    versions[2] = null;
    try (SimulatedCluster cluster = cluster(3).met()) {
      if (hasAnother) {
        cluster.node(2).register(node -> node.newGroup("other", 0, key -> new byte[0]));
      }
      cluster.world().pass(Duration.ofMillis(100));
      assertEachHasItsOwn(cluster, 0, 1);
      assertThat(KEYS).allMatch(key -> owners(cluster, key, 0, 1) == 1);
      cluster.node(2).register(node -> register(node, ""));
      versions[2] = "";
      cluster.world().pass(Duration.ofMillis(100));
      assertThat(KEYS).allMatch(key -> owners(cluster, key, 0, 1, 2) == 1);
      assertThat(KEYS).anyMatch(key -> cluster.node(2).owns("db", key));
      assertEachHasItsOwn(cluster, 0, 1, 2);
      assertThat(loads).isEqualTo(KEYS.size());
    }
  }

  /** Until it was met, a node counts as one that has what all have. */
  @Test
  void whatNodesTellFirstMakesNoNewView() {
    versions[2] = "";
    try (SimulatedCluster cluster = cluster(3).alone()) {
      cluster.node(0).show(cluster.urls(0, 1, 2));
      long view = cluster.node(0).cluster().view();
      cluster.show(0, 1, 2);
      assertThat(cluster.node(0).cluster().view()).isEqualTo(view + 1);
    }
  }

  @Test
  void aGroupOfAnotherVersionIsNotFoundForANode() throws Exception {
    try (SimulatedCluster cluster = cluster(4).alone()) {
      IncomingRequests old = cluster.node(0).incoming();
      IncomingRequests young = cluster.node(2).incoming();
      assertThat(old.find("db").name()).isEqualTo("db");
      assertThat(young.find("db@2").version()).isEqualTo("2");
      assertRefused(old, "db@2", "no such group: db@2, but here it is db");
      assertRefused(young, "db", "no such group: db, but here it is db@2");
      assertRefused(young, "db@3", "no such group: db@3, but here it is db@2");
      assertRefused(young, "no@2", "no such group: no@2");
      for (String wrong : List.of("\n", "a/b", "2@2", "x".repeat(65), "2\u0000")) {
        assertRefused(
            young, "db@" + wrong, "the version of a group must be 1 to 64 of A-Z a-z 0-9 . _ ~ -");
      }
    }
  }

  private static void assertRefused(IncomingRequests node, String name, String message) {
    assertThatThrownBy(() -> node.find(name))
        .isInstanceOf(RefusedException.class)
        .hasMessage(message);
  }

  /** Nodes of wire version 1 know no versions of values. */
  @Test
  void aSetOfANodeOfWireVersion1IsARemovalWhereTheGroupHasAVersion() throws Exception {
    try (SimulatedCluster cluster = cluster(4).alone()) {
      SimulatedNode node = cluster.node(2);
      assertThat(node.group("db").get("Tom")).hasToString("1@2");
      List<Removal> removed = List.of(new Removal(77, 1, 0, "db", "Tom"));
      assertThatThrownBy(
              () -> node.incoming().changeUnstamped(removed, new byte[] {6}, -1, List.of()))
          .isInstanceOf(RefusedException.class);
      assertThat(node.local("db").peek("Tom")).isNull();
      written.put("Tom", 2);
      assertThat(node.group("db").get("Tom")).hasToString("2@2");
    }
  }
}
