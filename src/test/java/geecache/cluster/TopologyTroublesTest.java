package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.LogCapture;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes that know each other wrongly, and what their operators are told. */
class TopologyTroublesTest {
  private final SimulatedCluster cluster = SimulatedCluster.builder().nodes(2).alone();
  private final SimulatedNode a = cluster.node(0);
  private final SimulatedNode b = cluster.node(1);
  private final LogCapture log = new LogCapture("geecache.cluster", Level.WARNING);

  @AfterEach
  void close() {
    cluster.close();
    log.close();
  }

  private List<String> warningsOf(String start) {
    return log.messages().stream()
        .map(line -> line.replaceAll("for \\d+ s", "for N s"))
        .filter(line -> line.startsWith("WARNING " + start))
        .toList();
  }

  @Test
  void aNodeThatIsNotInTheListIsNamedByTheOneThatItMeets() {
    a.show(List.of(a.url(), b.url()));
    b.show(List.of(b.url()));
    cluster.world().pass(Duration.ofSeconds(9));
    assertThat(warningsOf("")).isEmpty();
    cluster.world().pass(Duration.ofSeconds(16));
    assertThat(warningsOf(a.url()))
        .containsExactly(
            "WARNING http://a:1 has had this node in its list of nodes for N s, and is not in the"
                + " list here, which is [http://b:2]: geecache.peers must be the same on all nodes");
    assertThat(warningsOf(b.url())).hasSize(1);
    cluster.world().pass(Duration.ofSeconds(70));
    assertThat(warningsOf(a.url())).hasSize(2);
  }

  @Test
  void aNodeThatLeavesTheListIsNoStranger() {
    a.show(List.of(a.url(), b.url()));
    b.show(List.of(a.url(), b.url()));
    cluster.awaitContact();
    b.show(List.of(b.url()));
    cluster.world().pass(Duration.ofSeconds(50));
    assertThat(warningsOf(a.url())).isEmpty();
  }

  @Test
  void anotherRingOfTheSameNodesIsToldOnceItHasLasted() {
    List<String> both = List.of(a.url(), b.url());
    a.show(both);
    b.show(both);
    cluster.awaitContact();
    cluster.world().pass(Duration.ofMinutes(2)); // Former owners are not asked any more.
    for (int second = 0; second < 20; second++) {
      a.cluster().compareView(17L, b.id());
      cluster.world().pass(Duration.ofSeconds(1));
    }
    assertThat(warningsOf(""))
        .containsExactly(
            "WARNING http://b:2 has divided the keys among the nodes [http://a:1, http://b:2] in"
                + " another way than this node for N s: is its list the same, and"
                + " geecache.groupcache?");
    assertThat(a.cluster().stats().viewDifferences()).isEqualTo(20);
  }
}
