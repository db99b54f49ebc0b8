package geecache;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A node whose peer owns most keys; they are popular once they were asked for often. */
abstract class PopularKeys {
  static final Duration HOT = Duration.ofSeconds(30);

  /** How many gets within a second make a key popular; the last one's value is copied. */
  static final int POPULAR = 8;

  final GatedPeer owner = new GatedPeer("http://owner");
  final FakePeers peers = new FakePeers(owner);
  final FakeTicker ticker = new FakeTicker();
  final Geecache node = new Geecache(ticker, 1);
  final GroupBuilder builder = node.group("scores").hotTimeToLive(HOT);
  final GatedGetter source = new GatedGetter();

  @BeforeEach
  void join() {
    node.registerPeers(peers);
  }

  @AfterEach
  void close() {
    node.close();
  }

  static PeerValue endless(String value) {
    return new PeerValue(ByteView.of(value), null, null, false, null);
  }

  CachedValue fetch(Group group, String key, PeerValue fetched) throws Exception {
    CompletableFuture<CachedValue> get = group.answer(key);
    assertThat(get).as("%s is in memory", key).isNotDone();
    owner.next().answer(fetched);
    return result(get);
  }

  /** Asks for {@code key} until the next get of it is one too many to ask the peer again. */
  void makePopular(Group group, String key) throws Exception {
    for (int i = 1; i < POPULAR; i++) {
      fetch(group, key, endless("old"));
    }
  }

  void copy(Group group, String key, PeerValue fetched) throws Exception {
    makePopular(group, key);
    assertThat(fetch(group, key, fetched).stored()).isTrue();
  }

  void assertAsksThePeer(Group group, String key) throws Exception {
    assertThat(fetch(group, key, endless("new")).value()).hasToString("new");
  }
}
