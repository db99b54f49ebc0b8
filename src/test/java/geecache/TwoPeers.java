package geecache;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A node that owns few keys, and two peers of which nothing comes until a test says so. */
abstract class TwoPeers {
  static final Duration WAIT = Duration.ofMinutes(2);

  final GatedPeer owner = new GatedPeer("http://owner");
  final GatedPeer instead = new GatedPeer("http://instead");
  final FakePeers peers = new FakePeers(owner, instead);
  final FakeTicker ticker = new FakeTicker();
  final Geecache node = new Geecache(ticker, 1);
  final GatedGetter source = new GatedGetter();

  final Group group =
      node.group("scores").maxLoads(1).waitTimeout(WAIT).maxWaitingLoads(2).register(source);

  final Callers callers = new Callers();

  @BeforeEach
  void join() {
    node.registerPeers(peers);
  }

  @AfterEach
  void close() {
    node.close();
    callers.close();
  }

  Group hasty(Getter getter, LoaderThreads loaders) {
    NodeParts parts = NodeParts.of(ticker, loaders);
    parts.cluster().set(peers);
    return new Group(new GroupEngine("hasty", settings(), getter, parts));
  }

  static GroupSettings settings() {
    return BareSettings.of(Duration.ofMinutes(1), WAIT, 4, 4);
  }
}
