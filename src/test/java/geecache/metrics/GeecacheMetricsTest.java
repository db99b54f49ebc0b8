package geecache.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.Geecache;
import geecache.Group;
import geecache.KeyNotFoundException;
import geecache.LoadException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GeecacheMetricsTest {
  private final MeterRegistry registry = new SimpleMeterRegistry();

  private double counted(String name, String... tags) {
    return registry.get(name).tags(tags).functionCounter().count();
  }

  private double gauged(String name, String... tags) {
    return registry.get(name).tags(tags).gauge().value();
  }

  @Test
  void aGroupThatComesLaterIsThereByItself() throws Exception {
    try (Geecache node = new Geecache()) {
      new GeecacheMetrics(node).bindTo(registry);
      assertThat(gauged("geecache.groups")).isZero();
      assertThat(registry.find("geecache.loads").meters()).isEmpty();

      Group group = node.newGroup("users", 1 << 20, key -> key.getBytes(UTF_8));
      group.get("7");
      group.get("7");

      assertThat(gauged("geecache.groups")).isOne();
      assertThat(counted("geecache.gets", "group", "users", "result", "owned")).isOne();
      assertThat(counted("geecache.gets", "group", "users", "result", "miss")).isOne();
      assertThat(counted("geecache.loads", "group", "users")).isOne();
      assertThat(gauged("geecache.memory.max", "group", "users")).isEqualTo(1 << 20);
      assertThat(gauged("geecache.memory.used", "group", "users")).isEqualTo(group.stats().bytes());
    }
  }

  @Test
  void theNamesOfAnyCacheAreThere() throws Exception {
    try (Geecache node = new Geecache()) {
      Group group = node.newGroup("users", 1 << 20, key -> key.getBytes(UTF_8));
      new GeecacheMetrics(node).bindTo(registry);
      group.get("7");
      group.get("7");
      group.get("7");
      group.get("8");

      String[] cache = {"cache", "users", "name", "users", "cache.manager", "geecache"};
      assertThat(
              registry.get("cache.gets").tags(cache).tag("result", "hit").functionCounter().count())
          .isEqualTo(2);
      assertThat(
              registry
                  .get("cache.gets")
                  .tags(cache)
                  .tag("result", "miss")
                  .functionCounter()
                  .count())
          .isEqualTo(2);
      assertThat(counted("cache.puts", cache)).isEqualTo(2);
      assertThat(counted("cache.evictions", cache)).isZero();
      assertThat(gauged("cache.size", cache)).isEqualTo(2);
    }
  }

  @Test
  void everyLoadIsTimedAndEveryWait() throws Exception {
    try (Geecache node = new Geecache()) {
      Group group =
          node.group("users")
              .register(
                  key -> {
                    if (key.equals("absent")) {
                      throw new KeyNotFoundException("absent");
                    }
                    if (key.equals("broken")) {
                      throw new IllegalStateException("broken");
                    }
                    return key.getBytes(UTF_8);
                  });
      new GeecacheMetrics(node).bindTo(registry);
      group.get("7");
      group.get("7");
      assertThatThrownBy(() -> group.get("absent")).isInstanceOf(KeyNotFoundException.class);
      assertThatThrownBy(() -> group.get("broken")).isInstanceOf(LoadException.class);
      group.answer("8").join();

      assertThat(registry.get("geecache.load.time").timer().count())
          .isEqualTo(group.stats().loads())
          .isEqualTo(4);
      await() // A wait is counted after the answer of it is done.
          .untilAsserted(
              () ->
                  assertThat(registry.get("geecache.wait.time").tag("for", "load").timer().count())
                      .isEqualTo(4));
      assertThat(registry.get("geecache.wait.time").tag("for", "peer").timer().count()).isZero();
    }
  }

  @Test
  void allLeaveTheRegistryWithTheNode() throws Exception {
    Geecache node = new Geecache();
    Group group = node.newGroup("users", 1 << 20, key -> key.getBytes(UTF_8));
    MeterRegistry other = new SimpleMeterRegistry();
    new GeecacheMetrics(node).bindTo(registry);
    new GeecacheMetrics(node).bindTo(other);
    group.get("7");
    assertThat(registry.getMeters()).isNotEmpty().hasSameSizeAs(other.getMeters());

    node.close();

    assertThat(registry.getMeters()).isEmpty();
    assertThat(other.getMeters()).isEmpty();
  }

  @Test
  void aNodeThatIsClosedAddsNone() {
    Geecache node = new Geecache();
    node.close();

    new GeecacheMetrics(node).bindTo(registry);

    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void twoNodesInOneRegistryDifferByTheirTags() throws Exception {
    Geecache two = new Geecache();
    try (Geecache one = new Geecache()) {
      Group ofOne = one.newGroup("users", 1 << 20, key -> key.getBytes(UTF_8));
      two.newGroup("users", 1 << 20, key -> key.getBytes(UTF_8));
      new GeecacheMetrics(one, Tags.of("node", "one")).bindTo(registry);
      new GeecacheMetrics(two, Tags.of("node", "two")).bindTo(registry);
      ofOne.get("7");

      assertThat(counted("geecache.loads", "node", "one")).isOne();
      assertThat(counted("geecache.loads", "node", "two")).isZero();
      assertThatThrownBy(() -> new GeecacheMetrics(two, Tags.of("node", "one")).bindTo(registry))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("one");

      two.close();
      assertThat(counted("geecache.loads", "node", "one")).isOne();
      assertThat(registry.find("geecache.loads").tag("node", "two").meters()).isEmpty();
    } finally {
      two.close();
    }
  }

  /** A registry that refuses meters must not keep a group from its callers. */
  @Test
  void aRegistryThatFailsHarmsNoGroup() throws Exception {
    try (Geecache node = new Geecache()) {
      new GeecacheMetrics(node).bindTo(registry);
      registry
          .config()
          .onMeterAdded(
              meter -> {
                throw new IllegalStateException("no more meters");
              });

      Group group = node.newGroup("users", 1 << 20, key -> key.getBytes(UTF_8));

      assertThat(group.get("7").toString()).isEqualTo("7");
    }
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void whatRunsAndWaitsIsShown() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch gate = new CountDownLatch(1);
    try (Geecache node = new Geecache()) {
      Group group =
          node.group("users")
              .maxLoads(1)
              .maxWaitingLoads(5)
              .register(
                  key -> {
                    begun.countDown();
                    gate.await();
                    return key.getBytes(UTF_8);
                  });
      new GeecacheMetrics(node).bindTo(registry);
      group.getAsync("7");
      assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
      group.getAsync("8");
      group.getAsync("9");

      assertThat(gauged("geecache.loads.running")).isOne();
      assertThat(gauged("geecache.loads.waiting")).isEqualTo(2);
      assertThat(gauged("geecache.gets.waiting")).isEqualTo(3);
      assertThat(gauged("geecache.loader.threads")).isOne();
      gate.countDown();
    }
  }
}
