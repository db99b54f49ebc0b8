package geecache.membership;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.FreePorts;
import geecache.NotReachedException;
import geecache.testing.Head;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real nodes whose views JGroups makes, of which two halves lose each other, JGroups and HTTP. */
@Timeout(180)
class PartitionTest {
  private static final String SECRET = "a-secret-for-these-tests";
  private static final int NODES = 4;

  /** No thread stands still for so long; what is cut off is noticed after it. */
  private static final Duration SILENCE = Duration.ofSeconds(4);

  private final Map<String, Integer> source = new ConcurrentHashMap<>();

  private byte[] load(String key) {
    return ("v" + source.getOrDefault(key, 1)).getBytes(UTF_8);
  }

  private static ConditionFactory await() {
    return Awaitility.await().atMost(Duration.ofMinutes(1));
  }

  private static String get(TestNode node, String key) throws Exception {
    return node.group("db").get(key).toString();
  }

  @Test
  void whatOneHalfRemovesDoesNotComeBackWithTheOther() throws Exception {
    try (TestCluster cluster =
        TestCluster.builder()
            .nodes(NODES)
            .secret(SECRET)
            .fronts()
            .groups(node -> node.group("db").register(this::load))
            .start()) {
      List<Channelled> members = new ArrayList<>();
      try {
        int[] ports = FreePorts.of(NODES);
        for (int i = 0; i < NODES; i++) {
          TestNode node = cluster.node(i);
          Channelled member = new Channelled(Channelled.tcp("c", ports, i, SECRET), node.url());
          members.add(member.patient(SILENCE).start(node.pool()::set));
        }
        awaitViews(cluster, members, NODES);
        cluster.awaitContact();
        List<String> keys = List.of("a", "b", "c", "d", "e", "f", "g", "h");
        readOften(cluster.nodes(), keys);

        long begun = System.nanoTime();
        cut(cluster, members, 2);
        awaitViews(cluster, members, 2);
        System.out.printf("two halves with views of their own after %s%n", since(begun));
        readOften(cluster.nodes(), keys); // Each half holds every key.
        for (String key : keys.subList(0, 6)) {
          source.put(key, 2);
          boolean left = keys.indexOf(key) < 3;
          List<String> otherHalf =
              left ? cluster.urls().subList(2, 4) : cluster.urls().subList(0, 2);
          // Nodes that have left the view lately without a word are named.
          assertThatThrownBy(() -> cluster.node(left ? 0 : 2).group("db").remove(key))
              .isInstanceOfSatisfying(
                  NotReachedException.class,
                  missed ->
                      assertThat(missed.nodes()).containsExactlyInAnyOrderElementsOf(otherHalf));
        }

        begun = System.nanoTime();
        cluster.nodes().forEach(node -> node.front().heal());
        members.forEach(Channelled::heal);
        awaitViews(cluster, members, NODES);
        System.out.printf("one view again after %s%n", since(begun));
        cluster.awaitContact();
        System.out.printf("and contact of all with all after %s%n", since(begun));
        for (int round = 0; round < 3; round++) {
          for (TestNode node : cluster.nodes()) {
            for (String key : keys) {
              String value = keys.indexOf(key) < 6 ? "v2" : "v1";
              assertThat(get(node, key)).as(key).isEqualTo(value);
            }
          }
        }
      } finally {
        members.forEach(Channelled::close);
      }
    }
  }

  private static Duration since(long begun) {
    return Duration.ofMillis((System.nanoTime() - begun) / 1_000_000);
  }

  private static void readOften(List<TestNode> nodes, List<String> keys) throws Exception {
    for (TestNode node : nodes) {
      for (int i = 0; i < 20; i++) {
        for (String key : keys) {
          get(node, key);
        }
      }
    }
  }

  private static void awaitViews(TestCluster cluster, List<Channelled> members, int size) {
    await()
        .untilAsserted(
            () -> {
              for (int i = 0; i < NODES; i++) {
                int half = i / size * size;
                List<String> urls = cluster.urls().subList(half, half + size);
                assertThat(members.get(i).view()).containsExactlyInAnyOrderElementsOf(urls);
                assertThat(cluster.node(i).pool().nodes())
                    .containsExactlyInAnyOrderElementsOf(urls);
              }
            });
  }

  private static void cut(TestCluster cluster, List<Channelled> members, int at) {
    List<Channelled> left = members.subList(0, at);
    List<Channelled> right = members.subList(at, NODES);
    left.forEach(member -> member.cutFrom(right));
    right.forEach(member -> member.cutFrom(left));
    for (int i = 0; i < NODES; i++) {
      List<TestNode> others =
          i < at ? cluster.nodes().subList(at, NODES) : cluster.nodes().subList(0, at);
      cluster.node(i).front().cutFor(sentBy(others));
    }
  }

  private static Predicate<Head> sentBy(List<TestNode> senders) {
    Set<String> ids =
        senders.stream()
            .map(sender -> HexFormat.of().toHexDigits(sender.pool().id()))
            .collect(Collectors.toSet());
    return head -> {
      String mark = head.header("Geecache-Peer");
      return mark != null && ids.contains(mark.substring(0, 16));
    };
  }
}
