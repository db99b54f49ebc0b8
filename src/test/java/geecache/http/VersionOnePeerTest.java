package geecache.http;

import static geecache.Callers.result;
import static geecache.http.CountedSource.keysOf;
import static geecache.http.CountedSource.valueOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.Group;
import geecache.NotReachedException;
import geecache.cluster.LeaveReport;
import geecache.cluster.Removal;
import geecache.testing.Response;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node of version 1 in the same cluster: what it is told, and what it is not asked. */
@Timeout(120)
class VersionOnePeerTest {
  private static final String SECRET = "a-secret-for-these-tests";
  private static final int REMEMBERED = 10;

  private final CountedSource source = new CountedSource();
  private VersionOneNode old;
  private TestCluster cluster;
  private TestNode node;
  private Group db;

  @BeforeEach
  void start() throws Exception {
    old = new VersionOneNode();
    cluster =
        TestCluster.builder()
            .secret(SECRET)
            .peerRequests("get")
            .setting("geecache.removal-log", String.valueOf(REMEMBERED))
            .setting("geecache.handoff", "5s")
            .groups(
                node -> {
                  node.group("db").hotCopies(false).register(source.at(0));
                  node.group("other").register(source.at(0));
                })
            .start();
    node = cluster.node(0);
    db = node.group("db");
    node.pool().set(List.of(node.url(), old.url()));
    awaitContact();
    old.requests();
  }

  @AfterEach
  void close() {
    cluster.close();
    old.close();
  }

  private void awaitContact() {
    await().until(() -> node.pool().inContact().contains(old.url()));
  }

  /** Returns keys that the node of version 1 owns. */
  private List<String> keysOfOld(int count) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> "old-" + i)
        .filter(key -> !node.pool().owns(key))
        .limit(count)
        .toList();
  }

  @Test
  void itIsAskedForItsKeys() throws Exception {
    String key = keysOfOld(1).get(0);
    assertThat(db.get(key)).hasToString("old:" + key);
    assertThat(old.requests()).containsExactly("GET " + key);
  }

  @Test
  void itIsToldRemovalsAsVersion1Does() throws Exception {
    db.remove("Tom");
    node.group("other").clear();
    db.removeAll(List.of("a", "b"));
    assertThat(old.requests())
        .containsExactly("change group=db Tom", "change group=other *", "change group=db a b");
  }

  @Test
  void aValueForItsKeyIsStoredNowhereAndItIsNamed() throws Exception {
    String key = keysOfOld(1).get(0);
    assertThatThrownBy(() -> db.set(key, ByteView.of("new"), null))
        .isInstanceOf(NotReachedException.class)
        .hasMessageContaining("is stored nowhere for sure")
        .hasMessageContaining(old.url());
    assertThat(old.requests()).containsExactly("change group=db " + key);
    assertThat(db.stats().entries()).isZero();
  }

  @Test
  void aValueForAKeyOfThisNodeIsStored() throws Exception {
    String key = keysOf(node, "k", 1).get(0);
    db.set(key, ByteView.of("new"), null);
    assertThat(db.get(key)).hasToString("new");
    assertThat(old.requests()).containsExactly("change group=db " + key);
  }

  @Test
  void itIsToldWhatItMissedBeforeItIsAsked() throws Exception {
    old.goAway();
    String key = keysOfOld(1).get(0);
    assertThatThrownBy(() -> db.removeAll(List.of("a", key)))
        .isInstanceOf(NotReachedException.class)
        .hasMessageContaining(old.url());
    assertThatThrownBy(() -> node.group("other").remove("c"))
        .isInstanceOf(NotReachedException.class);
    old.comeBack();
    awaitContact();
    db.get(key);
    assertThat(old.requests())
        .containsExactly("change group=db a " + key, "change group=other c", "GET " + key);
  }

  @Test
  void itClearsAllIfItMissedMoreThanIsRemembered() throws Exception {
    old.goAway();
    for (int i = 0; i < 2 * REMEMBERED; i++) {
      String key = "k" + i;
      assertThatThrownBy(() -> db.remove(key)).isInstanceOf(NotReachedException.class);
    }
    old.comeBack();
    awaitContact();
    List<String> told = old.changes();
    assertThat(told.get(0)).isEqualTo("meeting clear");
    assertThat(String.join(" ", told)).contains(" k" + (2 * REMEMBERED - 1)).doesNotContain("k0 ");
  }

  /** It cannot say which removals it knew before it read a value. */
  @Test
  void itIsNotPeekedAtForKeysThatItOwned() throws Exception {
    String key = keysOfOld(1).get(0);
    node.pool().set(List.of(node.url()));
    assertThat(db.get(key)).hasToString(valueOf(key));
    assertThat(old.requests()).isEmpty();
  }

  @Test
  void nothingIsTakenFromItWhenItLeaves() throws Exception {
    Response refused =
        node.request(
            "POST",
            "/_cluster/handoff?group=db",
            Map.of("Authorization", "Bearer " + SECRET, PeerHeaders.SENDER, VersionOneNode.mark(1)),
            VersionOne.handoff(keysOf(node, "k", 1).get(0), "old"));
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.text())
        .isEqualTo(
            "entries of a node of version 1 are not taken, since it cannot say which removals it"
                + " knew: update all nodes\n");
    assertThat(db.stats().entries()).isZero();
  }

  @Test
  void nothingIsHandedToItWhenThisNodeLeaves() throws Exception {
    db.getAll(keysOf(node, "k", 10));
    LeaveReport report = result(node.pool().leave());
    assertThat(report.taken()).isZero();
    assertThat(report.entries()).isZero();
    assertThat(old.changes()).containsExactly("meeting leaving");
  }

  @Test
  void whatItRemovesIsRemovedHere() throws Exception {
    String key = keysOf(node, "k", 1).get(0);
    db.set(key, ByteView.of("new"), null);
    Response told =
        node.request(
            "POST",
            "/_cluster/change?group=db",
            Map.of("Authorization", "Bearer " + SECRET, PeerHeaders.SENDER, VersionOneNode.mark(1)),
            VersionOne.change(new Removal(0xdecaf, 1, 0, "db", key)));
    assertThat(told.status()).isEqualTo(200);
    assertThat(db.get(key)).hasToString(valueOf(key));
  }
}
