package geecache.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.GroupStats;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The meters of three nodes say what a script did, exactly, once all is quiet. */
class ClusterMetersTest {
  private static final String GROUP = "db";
  private static final int KEYS = 40;

  private final AtomicInteger sourceAsked = new AtomicInteger();
  private final List<MeterRegistry> registries = new ArrayList<>();

  private TestCluster start(String how) {
    TestCluster cluster =
        TestCluster.builder()
            .nodes(3)
            .secret("a-secret-for-these-tests")
            .peerRequests(how)
            .groups(
                node ->
                    node.group(GROUP)
                        .register(
                            key -> {
                              sourceAsked.incrementAndGet();
                              return key.getBytes(UTF_8);
                            }))
            .start();
    for (TestNode node : cluster.nodes()) {
      MeterRegistry registry = new SimpleMeterRegistry();
      registries.add(registry);
      new GeecacheMetrics(node.geecache()).bindTo(registry);
    }
    cluster.awaitContact();
    return cluster;
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void sumsAreWhatTheScriptDid(String how) throws Exception {
    int gets = 0;
    int sets = 0;
    int removals = 0;
    try (TestCluster cluster = start(how)) {
      Random random = new Random(7);
      for (int step = 0; step < 400; step++) {
        TestNode node = cluster.node(random.nextInt(3));
        String key = "key" + random.nextInt(KEYS);
        switch (random.nextInt(10)) {
          case 0 -> {
            node.group(GROUP).set(key, ByteView.of("set"), null);
            sets++;
          }
          case 1 -> {
            node.group(GROUP).removeAll(List.of(key, "key" + KEYS));
            removals += 2;
          }
          default -> {
            node.group(GROUP).get(key);
            gets++;
          }
        }
      }
      cluster.node(2).group(GROUP).clear();
      for (TestNode node : cluster.nodes()) { // The place of a load is free after its last answer.
        await().until(() -> node.group(GROUP).stats().loadsRunning() == 0);
      }

      long ofPeers = 0; // What one node asks another for counts as a get there too.
      for (TestNode node : cluster.nodes()) {
        ofPeers += node.group(GROUP).stats().fetches();
      }
      assertThat(sum("geecache.gets")).isEqualTo(gets + ofPeers);
      assertThat(sum("cache.gets")).isEqualTo(gets + ofPeers);
      assertThat(sum("geecache.loads")).isEqualTo(sourceAsked.get());
      assertThat(timed("geecache.load.time")).isEqualTo(sourceAsked.get());
      assertThat(timed("geecache.wait.time", Tag.of("for", "peer"))).isEqualTo(ofPeers);
      assertThat(sum("geecache.sets")).isEqualTo(sets);
      assertThat(sum("geecache.removals")).isEqualTo(removals);
      assertThat(sum("geecache.clears")).isOne();
      assertThat(sum("geecache.changes.named")).isZero();
      // Each peer has acknowledged each change, a set as the removal of older values.
      double changes = sets + removals + 1;
      assertThat(sum("geecache.peer.changes.told")).isEqualTo(2 * changes);
      for (int i = 0; i < 3; i++) {
        assertMetersAreStats(registries.get(i), cluster.node(i).group(GROUP).stats());
        assertPeers(registries.get(i), cluster.node(i));
      }
      assertNoTagHoldsAKey();
    }
    assertThat(registries).allSatisfy(each -> assertThat(each.getMeters()).isEmpty());
  }

  private static void assertMetersAreStats(MeterRegistry registry, GroupStats stats) {
    for (Figure<GroupStats> figure : GroupFigures.OWN) {
      Collection<Meter> meters = registry.find(figure.name()).tags(figure.tags()).meters();
      assertThat(meters).as(figure.name()).hasSize(1);
      assertThat(meters.iterator().next().measure().iterator().next().getValue())
          .as(figure.name())
          .isEqualTo(figure.value().applyAsDouble(stats));
    }
  }

  private static void assertPeers(MeterRegistry registry, TestNode node) {
    assertThat(registry.get("geecache.nodes").gauge().value()).isEqualTo(3);
    assertThat(registry.get("geecache.nodes.contact").gauge().value()).isEqualTo(2);
    assertThat(registry.get("geecache.changes.pending").gauge().value()).isZero();
    double requests = 0;
    for (String peer : node.pool().inContact()) {
      assertThat(registry.get("geecache.peer.contact").tag("peer", peer).gauge().value()).isOne();
      assertThat(registry.get("geecache.peer.queue").tag("peer", peer).gauge().value()).isZero();
      assertThat(registry.get("geecache.peer.changes.pending").tag("peer", peer).gauge().value())
          .isZero();
      requests +=
          registry.get("geecache.peer.requests").tag("peer", peer).functionCounter().count();
    }
    assertThat(requests).isPositive();
    assertThat(
            registry.find("geecache.peer.round.trip").timers().stream()
                .mapToLong(Timer::count)
                .sum())
        .isEqualTo((long) requests);
  }

  private double sum(String name) {
    return registries.stream()
        .flatMap(registry -> registry.find(name).functionCounters().stream())
        .mapToDouble(FunctionCounter::count)
        .sum();
  }

  private long timed(String name, Tag... tags) {
    return registries.stream()
        .flatMap(registry -> registry.find(name).tags(List.of(tags)).timers().stream())
        .mapToLong(Timer::count)
        .sum();
  }

  private void assertNoTagHoldsAKey() {
    Set<String> values = new TreeSet<>();
    registries.forEach(
        registry ->
            registry
                .getMeters()
                .forEach(
                    meter -> meter.getId().getTags().forEach(tag -> values.add(tag.getValue()))));
    assertThat(values).isNotEmpty().noneMatch(value -> value.startsWith("key"));
  }

  @Test
  void aPeerThatLeavesTheListTakesItsMetersAlong() {
    try (TestCluster cluster = start("batch")) {
      TestNode first = cluster.node(0);
      MeterRegistry registry = registries.get(0);
      String gone = cluster.node(2).url();
      assertThat(registry.find("geecache.peer.contact").tag("peer", gone).gauge()).isNotNull();

      first.pool().set(cluster.urls().subList(0, 2));
      await()
          .untilAsserted(
              () ->
                  assertThat(registry.find("geecache.peer.contact").meters())
                      .singleElement()
                      .extracting(meter -> meter.getId().getTag("peer"))
                      .isEqualTo(cluster.node(1).url()));
      assertThat(registry.find("geecache.peer.requests").tag("peer", gone).meters()).isEmpty();

      first.pool().set(cluster.urls());
      await()
          .untilAsserted(
              () ->
                  assertThat(registry.find("geecache.peer.contact").tag("peer", gone).meters())
                      .hasSize(1));
    }
  }

  @Test
  void aNodeThatIsNotReachedIsNamedAndHasChangesPending() {
    try (TestCluster cluster = start("batch")) {
      TestNode first = cluster.node(0);
      MeterRegistry registry = registries.get(0);
      String absent = "http://127.0.0.1:1"; // Nobody listens at that port.
      first.pool().set(List.of(first.url(), cluster.node(1).url(), absent));
      await()
          .untilAsserted(
              () ->
                  assertThat(registry.find("geecache.peer.contact").tag("peer", absent).meters())
                      .hasSize(1));

      first.group(GROUP).removeAsync("key1").exceptionally(named -> null).join();

      assertThat(registry.get("geecache.changes.named").functionCounter().count()).isOne();
      assertThat(registry.get("geecache.peer.changes.pending").tag("peer", absent).gauge().value())
          .isOne();
      assertThat(registry.get("geecache.peer.contact").tag("peer", absent).gauge().value())
          .isZero();
      assertThat(
              registry
                  .get("geecache.peer.changes.told")
                  .tag("peer", cluster.node(1).url())
                  .functionCounter()
                  .count())
          .isOne();
    }
  }
}
