package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.ring.HashRing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClusterViewTest {
  private static final String SELF = "http://a:1";
  private static final List<String> NODES = List.of(SELF, "http://b:2", "http://c:3");
  private static final List<String> KEYS = IntStream.range(0, 300).mapToObj(i -> "k" + i).toList();

  private static ClusterPeer peer(String url) {
    return new IdlePeer(url);
  }

  private static ClusterView view(@Nullable String self) {
    Map<String, ClusterPeer> peers = new HashMap<>();
    for (String url : NODES) {
      if (!url.equals(self)) {
        peers.put(url, peer(url));
      }
    }
    return new ClusterView(3, HashRing.of(NODES), self, peers);
  }

  @Test
  void ofANodeThatIsAloneOwnsAll() {
    ClusterView alone = new ClusterView(0, HashRing.of(List.of()), null, Map.of());
    assertThat(alone.owns(Set.of(), "Tom")).isTrue();
    assertThat(alone.owner(Set.of(), "Tom")).isNull();
    assertThat(alone.ownerWithout(Set.of(), "http://b:2", "Tom")).isNull();
    assertThat(alone.urls()).isEmpty();
  }

  @Test
  void eachKeyIsOwnedHereOrByTheRingsPeer() {
    ClusterView view = view(SELF);
    HashRing ring = HashRing.of(NODES);
    for (String key : KEYS) {
      ClusterPeer owner = view.owner(Set.of(), key);
      assertThat(view.owns(Set.of(), key)).isEqualTo(owner == null);
      assertThat(owner == null ? SELF : owner.url()).isEqualTo(ring.owner(key));
    }
  }

  @Test
  void aNodeThatIsNotAmongThemOwnsNothing() {
    ClusterView view = view(null);
    assertThat(KEYS)
        .noneMatch(key -> view.owns(Set.of(), key))
        .allMatch(key -> view.owner(Set.of(), key) != null);
    assertThat(view.self()).isNull();
    assertThat(view.peers()).hasSize(3);
  }

  @Test
  void withoutAPeerItsKeysAloneGoToOthers() {
    ClusterView view = view(SELF);
    for (String key : KEYS) {
      ClusterPeer owner = view.owner(Set.of(), key);
      ClusterPeer instead = view.ownerWithout(Set.of(), "http://b:2", key);
      if (owner != null && owner.url().equals("http://b:2")) {
        assertThat(instead).isNotSameAs(owner);
      } else {
        assertThat(instead).isSameAs(owner);
      }
    }
  }

  @Test
  void theKeysOfAGroupGoOnToTheNextNodeThatHasIt() {
    Map<String, ClusterPeer> peers =
        Map.of("http://b:2", peer("http://b:2"), "http://c:3", peer("http://c:3"));
    ClusterView view =
        new ClusterView(
            3,
            NODES,
            HashRing.of(NODES),
            SELF,
            peers,
            Map.of("g", Set.of("http://b:2"), "h", Set.of("http://b:2", "http://c:3")),
            FormerOwners.NONE);
    HashRing without = HashRing.of(List.of(SELF, "http://c:3"));
    for (String key : KEYS) {
      assertThat(view.ownerName(view.lacking("g"), key)).isEqualTo(without.owner(key));
      assertThat(view.owns("h", key)).isTrue();
      assertThat(view.ownerName(view.lacking("other"), key))
          .isEqualTo(HashRing.of(NODES).owner(key));
    }
  }

  @Test
  void namesItsNodes() {
    ClusterView view = view(SELF);
    assertThat(view.urls()).containsExactlyInAnyOrderElementsOf(NODES);
    assertThat(view.peers())
        .extracting(ClusterPeer::url)
        .containsExactlyInAnyOrder("http://b:2", "http://c:3");
    assertThat(view.peer(SELF)).isNull();
    assertThat(view.anyPeer("http://b:2")).isNotNull();
    assertThat(view.number()).isEqualTo(3);
  }

  @Test
  void nodesWithTheSameListHaveTheSameFingerprint() {
    assertThat(view(SELF).fingerprint()).isEqualTo(view("http://b:2").fingerprint());
    assertThat(view(SELF).fingerprint())
        .isNotEqualTo(new ClusterView(1, HashRing.of(List.of(SELF)), SELF, Map.of()).fingerprint());
  }
}
