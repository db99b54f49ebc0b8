package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.Geecache;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.PeerValue;
import geecache.SimulatedWorld;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class NodePeerTest {
  /** A way on which nothing works. */
  private static final class BrokenLink extends UnusedLink {
    @Override
    public boolean read(Batch batch, Answers answers) throws IOException {
      throw new IOException("broken");
    }

    @Override
    public void renewConnections() {
      throw new IllegalStateException("this too");
    }
  }

  /** A way to a node that has missed what reads require. */
  private static final class BehindLink extends UnusedLink {
    @Override
    public boolean read(Batch batch, Answers answers) throws IOException {
      throw LinkFailure.behind("http://b:2");
    }
  }

  private final SimulatedWorld world = new SimulatedWorld(1);
  private final AtomicInteger meetings = new AtomicInteger();

  /** Contact with the peer is made, and the third failure in a row ends it. */
  @Test
  void noKeyWaitsForEverWhereGivingThePeerUpFails() {
    KnownNode known = known(new BrokenLink());
    assertThat(gets(known)).allMatch(CompletableFuture::isCompletedExceptionally);
    assertThat(known.contact().isMade()).isFalse();
    assertThat(meetings).hasValue(1);
  }

  /** It answers, and is told at the next meeting what it has missed. */
  @Test
  void aPeerThatIsBehindIsMetAndNotGivenUp() {
    KnownNode known = known(new BehindLink());
    assertThat(gets(known)).allMatch(CompletableFuture::isDone);
    assertThat(known.contact().isMade()).isTrue();
    assertThat(meetings).hasPositiveValue();
  }

  private KnownNode known(UnusedLink link) {
    KnownNode known = new KnownNode("http://b:2", link, ClusterParts.senders(world));
    known.contact().met(known.contact().losses(), 7);
    return known;
  }

  /** Gets six keys of the peer, one after the other. */
  private List<CompletableFuture<PeerValue>> gets(KnownNode known) {
    NodePeer peer =
        new NodePeer(
            known,
            new NodePeer.Meeter() {
              @Override
              public void meet(KnownNode met) {}

              @Override
              public void meetSoon(KnownNode met) {
                meetings.incrementAndGet();
              }
            },
            new ChangeLog(1, 1, world.ticker()),
            new AnnouncedRemovals(1, world.ticker()),
            ClusterParts.runtime(world, world.executor()),
            new PeerCounters(),
            () -> 0,
            () -> 1,
            ClusterParts.options());
    List<CompletableFuture<PeerValue>> gets = new ArrayList<>();
    try (Geecache node = new Geecache()) {
      LocalGroup group = LocalNode.partOf(node.newGroup("g", 0, key -> new byte[0]));
      for (int i = 0; i < 6; i++) {
        gets.add(peer.get(group, "key" + i, new Patient()));
        world.pass(Duration.ofMillis(1));
      }
    }
    return gets;
  }
}
