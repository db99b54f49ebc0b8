package geecache.http;

import static geecache.Callers.result;
import static geecache.http.CountedSource.keysOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.Callers;
import geecache.NotReachedException;
import geecache.testing.Fault;
import geecache.testing.Head;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A peer leaves the view, and returns: by a flapping name service, or after a partition. */
@Timeout(120)
class ReturningPeerTest {
  private static final String SECRET = "a-secret-for-these-tests";
  private static final int REMEMBERED = 10;

  private final Map<String, Integer> source = new ConcurrentHashMap<>();
  private final List<String> loads = new ArrayList<>();

  private synchronized byte[] load(String key) {
    loads.add(key);
    return ("v" + source.getOrDefault(key, 1)).getBytes(UTF_8);
  }

  private synchronized List<String> loads() {
    List<String> taken = List.copyOf(loads);
    loads.clear();
    return taken;
  }

  /** Two nodes in contact, which have removed more than they remember. */
  private TestCluster cluster(String how) throws Exception {
    TestCluster cluster =
        TestCluster.builder()
            .nodes(2)
            .secret(SECRET)
            .peerRequests(how)
            .setting("geecache.removal-log", String.valueOf(REMEMBERED))
            .setting("geecache.peer-timeout", "10s")
            .fronts()
            .groups(node -> node.group("db").hotCopies(false).register(this::load))
            .start();
    cluster.awaitContact();
    for (int i = 0; i < 3 * REMEMBERED; i++) {
      cluster.node(0).group("db").remove("removed long ago " + i);
    }
    return cluster;
  }

  private static void leave(TestCluster cluster, TestNode node) {
    for (TestNode each : cluster.nodes()) {
      each.pool().set(each == node ? List.of(node.url()) : without(cluster, node));
    }
  }

  private static List<String> without(TestCluster cluster, TestNode node) {
    return cluster.urls().stream().filter(url -> !url.equals(node.url())).toList();
  }

  private static void rejoin(TestCluster cluster) {
    cluster.nodes().forEach(node -> node.pool().set(cluster.urls()));
    cluster.awaitContact();
  }

  private static String get(TestNode node, String key) throws Exception {
    return node.group("db").get(key).toString();
  }

  @Test
  void onItsReturnItIsToldWhatWasRemovedMeanwhileAndNoMore() throws Exception {
    try (TestCluster cluster = cluster("batch")) {
      TestNode departed = cluster.node(1);
      List<String> keys = keysOf(departed, "k", 20);
      for (String key : keys) {
        get(departed, key);
      }
      loads();

      leave(cluster, departed);
      departed.front().become(Fault.RESET);
      source.put(keys.get(7), 2);
      assertThatThrownBy(() -> cluster.node(0).group("db").remove(keys.get(7)))
          .isInstanceOf(NotReachedException.class)
          .hasMessageContaining(departed.url());
      assertThat(get(departed, keys.get(7))).isEqualTo("v1"); // It cannot know.

      departed.front().become(Fault.PASS);
      rejoin(cluster);
      for (TestNode node : List.of(departed, cluster.node(0))) { // Its reads name removals.
        for (String key : keys) {
          assertThat(get(node, key)).isEqualTo(key.equals(keys.get(7)) ? "v2" : "v1");
        }
      }
      assertThat(loads()).containsExactly(keys.get(7));
    }
  }

  /** Its clients still ask it. */
  @Test
  void aNodeThatLeftAMomentAgoIsToldToo() throws Exception {
    try (TestCluster cluster = cluster("batch")) {
      TestNode departed = cluster.node(1);
      String key = keysOf(departed, "k", 1).get(0);
      get(departed, key);
      leave(cluster, departed);
      source.put(key, 2);
      cluster.node(0).group("db").remove(key);
      assertThat(get(departed, key)).isEqualTo("v2");
    }
  }

  /** The log has the removal already when the node leaves: what it missed began before that. */
  @Test
  void aRemovalThatFailsWhenItHasLeftIsToldOnItsReturn() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (Callers callers = new Callers();
        TestCluster cluster = cluster("batch")) {
      TestNode departed = cluster.node(1);
      String key = keysOf(departed, "k", 1).get(0);
      get(departed, key);
      departed.front().become(Fault.RESET);
      departed.front().onlyFor(head -> isChange(head) && held(held, release));

      source.put(key, 2);
      CompletableFuture<Void> removal =
          callers.call(
              () -> {
                cluster.node(0).group("db").remove(key);
                return null;
              });
      held.await();
      leave(cluster, departed);
      release.countDown();
      assertThatThrownBy(() -> result(removal)).isInstanceOf(NotReachedException.class);
      assertThat(get(departed, key)).isEqualTo("v1");

      departed.front().become(Fault.PASS);
      rejoin(cluster);
      assertThat(get(departed, key)).isEqualTo("v2");
    }
  }

  /** They share what is known of it, and only one of them can mend it. */
  @Test
  void failuresOfItsFormerStayDoNotKeepItOut() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (TestCluster cluster = cluster("get")) {
      TestNode departed = cluster.node(1);
      CountDownLatch held = new CountDownLatch(3);
      departed.front().become(Fault.RESET);
      departed.front().onlyFor(head -> Reads.isRead(head) && held(held, release));
      List<CompletableFuture<ByteView>> gets = new ArrayList<>();
      for (String key : keysOf(departed, "k", 3)) {
        gets.add(cluster.node(0).group("db").getAsync(key).toCompletableFuture());
      }
      held.await();
      leave(cluster, departed);
      rejoin(cluster);

      release.countDown();
      for (CompletableFuture<ByteView> get : gets) {
        assertThat(get.join()).hasToString("v1");
      }
      departed.front().become(Fault.PASS);
      await().until(() -> cluster.node(0).pool().stats().failures() == 3);
      cluster.awaitContact();
      assertThat(get(cluster.node(0), keysOf(departed, "fresh", 1).get(0))).isEqualTo("v1");
    }
  }

  private static boolean isChange(Head head) {
    return head.target().startsWith("/_cluster/change");
  }

  private static boolean held(CountDownLatch held, CountDownLatch release) {
    held.countDown();
    try {
      release.await();
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
    return true;
  }
}
