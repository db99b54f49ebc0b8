package geecache.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.Geecache;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

/** The example of {@code docs/metrics.md}. */
class BindingExampleTest {
  @Test
  void bindsANode() throws Exception {
    MeterRegistry registry = new SimpleMeterRegistry();
    Geecache node = new Geecache();
    new GeecacheMetrics(node).bindTo(registry);

    node.newGroup("users", 1 << 20, key -> key.getBytes(UTF_8)).get("7");
    assertThat(registry.get("geecache.loads").functionCounter().count()).isOne();
    node.close();
  }
}
