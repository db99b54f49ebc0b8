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

  /** Contact with the peer is made, and the third failure in a row ends it. */
  @Test
  void noKeyWaitsForEverWhereGivingThePeerUpFails() {
    SimulatedWorld world = new SimulatedWorld(1);
    AtomicInteger meetings = new AtomicInteger();
    try (Geecache node = new Geecache()) {
      KnownNode known = new KnownNode("http://b:2", new BrokenLink(), ClusterParts.senders(world));
      known.contact().met(known.contact().losses(), 7);
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
      LocalGroup group = LocalNode.partOf(node.newGroup("g", 0, key -> new byte[0]));
      List<CompletableFuture<PeerValue>> gets = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        gets.add(peer.get(group, "key" + i));
        world.pass(Duration.ofMillis(1));
      }
      assertThat(gets).allMatch(CompletableFuture::isCompletedExceptionally);
      assertThat(known.contact().isMade()).isFalse();
      assertThat(meetings).hasValue(1);
    }
  }
}
