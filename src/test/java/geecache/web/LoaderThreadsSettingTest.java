package geecache.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.testing.TestCluster;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On what threads an application's getters run, by its settings. */
class LoaderThreadsSettingTest {
  @ParameterizedTest
  @ValueSource(strings = {"virtual", "platform"})
  @EnabledForJreRange(min = JRE.JAVA_21)
  void gettersRunOnThreadsOfTheKindThatIsSet(String kind) throws Exception {
    try (TestCluster cluster =
        TestCluster.builder()
            .setting("geecache.loader-threads", kind)
            .groups(
                node ->
                    node.group("threads")
                        .register(key -> Thread.currentThread().toString().getBytes(UTF_8)))
            .start()) {
      boolean virtual = kind.equals("virtual");
      assertThat(cluster.node(0).get("threads", "a").text().startsWith("VirtualThread"))
          .isEqualTo(virtual);
    }
  }
}
