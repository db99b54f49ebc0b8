package geecache.ring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HashRingTest {
  private static final int KEYS = 100_000;

  private static List<String> peers(int count, int seed) {
    return IntStream.range(0, count)
        .mapToObj(i -> "http://10." + seed + "." + i / 256 + "." + i % 256 + ":8080/shop")
        .toList();
  }

  private static List<HashRing> both(List<String> peers) {
    return List.of(HashRing.of(peers), HashRing.compatible(peers, 50));
  }

  /** Shares of the circle, not of keys: exact, and so without the noise of a sample of keys. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  void theFullestOfAHundredHoldsAtMostATenthMoreThanTheMean(int seed) {
    Map<String, Integer> counts = new HashMap<>();
    HashRing ring = HashRing.of(peers(100, seed));
    int keys = 2_000_000;
    long step = Long.divideUnsigned(-1L, keys);
    for (int i = 0; i < keys; i++) {
      counts.merge(ring.ownerOf(i * step), 1, Integer::sum);
    }
    assertThat(counts).hasSize(100);
    assertThat(Collections.max(counts.values())).isLessThan((int) (1.10 * keys / 100));
  }

  @Test
  void sharesAreThoseOfTheKeys() {
    for (HashRing ring : both(peers(5, 1))) {
      Map<String, Integer> counts = new HashMap<>();
      for (int i = 0; i < KEYS; i++) {
        counts.merge(ring.owner("key" + i), 1, Integer::sum);
      }
      double[] shares = ring.shares();
      assertThat(DoubleStream.of(shares).sum()).isCloseTo(1, within(1e-9));
      for (int peer = 0; peer < shares.length; peer++) {
        double part = counts.get(ring.peers().get(peer)) / (double) KEYS;
        assertThat(shares[peer]).isCloseTo(part, within(0.01));
      }
    }
  }

  @Test
  void theOnlyPeerHasAllAndNobodyOfNoneHasAny() {
    for (HashRing ring : both(List.of("http://a"))) {
      assertThat(ring.shares()).hasSize(1);
      assertThat(ring.shares()[0]).isCloseTo(1, within(1e-9));
    }
    assertThat(HashRing.of(List.of()).shares()).isEmpty();
  }

  @Test
  void keysSpreadAsTheCircleDoes() {
    Map<String, Integer> counts = new HashMap<>();
    HashRing ring = HashRing.of(peers(10, 1));
    for (int i = 0; i < KEYS; i++) {
      counts.merge(ring.owner("user:" + i), 1, Integer::sum);
    }
    assertThat(counts.values()).allSatisfy(n -> assertThat(n).isCloseTo(KEYS / 10, within(1_500)));
  }

  private static List<String> without(List<String> peers, Set<String> leftOut) {
    return peers.stream().filter(peer -> !leftOut.contains(peer)).toList();
  }

  @Test
  void aLookUpWithoutSomeIsThatOfTheRingWithoutThem() {
    List<String> peers = peers(10, 1);
    Set<String> leftOut = Set.of(peers.get(0), peers.get(4), peers.get(5), "http://none");
    List<HashRing> whole = both(peers);
    List<HashRing> rests = both(without(peers, leftOut));
    for (int kind = 0; kind < whole.size(); kind++) {
      HashRing ring = whole.get(kind);
      HashRing rest = rests.get(kind);
      for (int i = 0; i < KEYS; i++) {
        assertThat(ring.owner("k" + i, leftOut)).isEqualTo(rest.owner("k" + i));
      }
      assertThat(ring.owner("k", Set.of())).isEqualTo(ring.owner("k"));
      assertThat(ring.owner("k", Set.copyOf(peers))).isNull();
    }
    assertThat(HashRing.of(List.of()).owner("k", Set.of())).isNull();
  }

  @Test
  void aPeerThatGoesMovesItsOwnKeysOnly() {
    List<String> peers = peers(10, 1);
    List<HashRing> whole = both(peers);
    List<HashRing> rests = both(without(peers, Set.of(peers.get(3))));
    for (int kind = 0; kind < whole.size(); kind++) {
      HashRing before = whole.get(kind);
      HashRing after = rests.get(kind);
      for (int i = 0; i < KEYS; i++) {
        String owner = before.owner("k" + i);
        if (owner.equals(peers.get(3))) {
          assertThat(after.owner("k" + i)).isNotEqualTo(owner);
        } else {
          assertThat(after.owner("k" + i)).isEqualTo(owner);
        }
      }
      assertThat(after.peers()).hasSize(9).doesNotContain(peers.get(3));
    }
  }

  @Test
  void orderAndRepetitionDoNotMatter() {
    List<String> peers = new ArrayList<>(peers(20, 1));
    List<HashRing> first = both(peers);
    Collections.shuffle(peers, new Random(1));
    peers.addAll(peers.subList(0, 5));
    List<HashRing> second = both(peers);
    for (int ring = 0; ring < first.size(); ring++) {
      assertThat(second.get(ring).fingerprint()).isEqualTo(first.get(ring).fingerprint());
      for (int i = 0; i < 10_000; i++) {
        assertThat(second.get(ring).owner("k" + i)).isEqualTo(first.get(ring).owner("k" + i));
      }
    }
  }

  /** 200,000 points of 32 bits: some coincide. */
  @Test
  void whereTwoPeersHaveTheSamePointTheGreaterWins() {
    Random random = new Random(1);
    List<String> peers =
        random.longs(4_000).mapToObj(n -> "http://" + Long.toHexString(n) + ":8080").toList();
    Map<Long, String> greatest = new HashMap<>();
    for (String peer : peers) {
      for (int i = 0; i < 50; i++) {
        greatest.merge(PointHash.CRC32.of(i + peer), peer, (a, b) -> a.compareTo(b) > 0 ? a : b);
      }
    }
    HashRing ring = HashRing.compatible(peers, 50);
    assertThat(ring.size()).isEqualTo(greatest.size()).isLessThan(200_000);
    greatest.forEach((place, peer) -> assertThat(ring.ownerOf(place)).isEqualTo(peer));
  }

  @Test
  void fingerprintsTellKindReplicasAndPeersApart() {
    List<String> peers = peers(3, 1);
    assertThat(
            List.of(
                HashRing.of(peers).fingerprint(),
                HashRing.of(peers.subList(1, 3)).fingerprint(),
                HashRing.compatible(peers, 50).fingerprint(),
                HashRing.compatible(peers, 51).fingerprint(),
                HashRing.of(List.of("a", "b")).fingerprint(),
                HashRing.of(List.of("ab")).fingerprint()))
        .doesNotHaveDuplicates();
  }

  @Test
  void noPeersNoOwner() {
    assertThat(HashRing.of(List.of()).owner("Tom")).isNull();
    assertThat(HashRing.of(List.of("a")).owner("Tom")).isEqualTo("a");
  }

  @Test
  void refusesNoReplicas() {
    assertThatThrownBy(() -> HashRing.compatible(List.of("a"), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("replicas must be positive: 0");
  }

  @Test
  void hashesTextAsItsUtf8() {
    for (String text : List.of("", "Tom", "é", "中文", "🙂", "a🙂中é\u0000\uffff")) {
      CRC32 crc = new CRC32();
      crc.update(text.getBytes(UTF_8));
      assertThat(PointHash.CRC32.of(text)).isEqualTo(crc.getValue());
      for (PointHash hash : PointHash.values()) {
        assertThat(hash.of(text)).isEqualTo(hash.of(text.getBytes(UTF_8)));
      }
    }
  }
}
