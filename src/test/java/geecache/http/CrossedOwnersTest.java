package geecache.http;

import static geecache.Callers.result;
import static geecache.http.CountedSource.valueOf;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.ByteView;
import geecache.Callers;
import geecache.GatedGetter;
import geecache.Group;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two nodes of different views: each believes that the other owns everything. */
@Timeout(120)
class CrossedOwnersTest {
  private static final int MANY = 100;

  private final CountedSource source = new CountedSource();

  private TestCluster.Builder crossed(String how) {
    return TestCluster.builder()
        .nodes(2)
        .fronts()
        .view(0, 1)
        .view(1, 0)
        .loaderThreads(1)
        .peerRequests(how);
  }

  /** Both loads are under way at once: each node waits for the other, and neither in a circle. */
  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void twoNodesThatNameEachOtherBothAnswer(String how) throws Exception {
    GatedGetter gate = new GatedGetter();
    try (Callers callers = new Callers();
        TestCluster cluster =
            crossed(how)
                .groups(
                    (i, node) ->
                        node.group("g")
                            .register(
                                key -> {
                                  source.load(i, key);
                                  return gate.get(key);
                                }))
                .start()) {
      cluster.awaitContact();
      List<Reads> reads = readsOf(cluster);
      CyclicBarrier barrier = new CyclicBarrier(2);
      List<CompletableFuture<ByteView>> answers = new ArrayList<>();
      for (TestNode node : cluster.nodes()) {
        answers.add(
            callers.call(
                () -> {
                  barrier.await();
                  return node.group("g").get("k");
                }));
      }
      List<GatedGetter.Call> both = List.of(gate.next(), gate.next());
      both.forEach(call -> call.answer(valueOf("k")));

      for (CompletableFuture<ByteView> answer : answers) {
        assertThat(result(answer)).hasToString(valueOf("k"));
      }
      assertThat(source.loadsOf("k")).containsExactlyInAnyOrder(0, 1);
      for (TestNode node : cluster.nodes()) {
        assertThat(node.group("g").stats().fetches()).isEqualTo(1);
        assertThat(node.group("g").stats().fetchFailures()).isZero();
      }
      if (how.equals("batch")) { // By GET, a key that is loading is asked for again and again.
        assertThat(reads).allSatisfy(atNode -> assertThat(atNode.count()).isEqualTo(1));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void theyAnswerWithOneConnectionAndOneThreadEach(String how) throws Exception {
    List<String> keys = IntStream.range(0, MANY).mapToObj(i -> "k" + i).toList();
    try (Callers callers = new Callers();
        TestCluster cluster =
            crossed(how)
                .setting("geecache.peer-connections", "1")
                .setting("geecache.peer-parked", "1")
                .groups((i, node) -> node.group("g").register(source.at(i)))
                .start()) {
      cluster.awaitContact();
      List<Reads> reads = readsOf(cluster);
      CyclicBarrier barrier = new CyclicBarrier(2);
      List<CompletableFuture<Object>> answers = new ArrayList<>();
      for (TestNode node : cluster.nodes()) {
        Group group = node.group("g");
        answers.add(
            callers.call(
                () -> {
                  barrier.await();
                  List<CompletableFuture<ByteView>> all =
                      keys.stream().map(group::getAsync).toList();
                  for (int i = 0; i < MANY; i++) {
                    assertThat(result(all.get(i))).hasToString(valueOf(keys.get(i)));
                  }
                  return null;
                }));
      }

      for (CompletableFuture<Object> answer : answers) {
        result(answer);
      }
      assertThat(keys)
          .allSatisfy(key -> assertThat(source.loadsOf(key)).doesNotHaveDuplicates().isNotEmpty());
      for (TestNode node : cluster.nodes()) {
        assertThat(node.group("g").stats().fetches()).isLessThanOrEqualTo(MANY);
        assertThat(node.group("g").stats().fetchFailures()).isZero();
        assertThat(node.pool().stats().failures()).isZero();
      }
      assertThat(reads).allSatisfy(atNode -> assertThat(atNode.count()).isPositive());
    }
  }

  private static List<Reads> readsOf(TestCluster cluster) {
    return cluster.nodes().stream().map(node -> Reads.at(node.front())).toList();
  }
}
