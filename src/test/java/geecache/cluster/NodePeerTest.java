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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class NodePeerTest {
  private static final ClusterOptions OPTIONS =
      new ClusterOptions(
          true, Duration.ofSeconds(1), 1, 10, 1, Duration.ZERO, Duration.ZERO, false, Set.of());

  /** A way on which nothing works. */
  private static final class BrokenLink implements NodeLink {
    @Override
    public int maxKeys() {
      return 1;
    }

    @Override
    public int maxReads() {
      return 1;
    }

    @Override
    public boolean read(Batch batch, Answers answers) throws IOException {
      throw new IOException("broken");
    }

    @Override
    public void renewConnections() {
      throw new IllegalStateException("this too");
    }

    @Override
    public Met meet(Meeting meeting, Duration limit) {
      throw new AssertionError("the test meets nobody");
    }

    @Override
    public Acknowledgement change(String group, Change change, Duration limit) {
      throw new AssertionError("the test changes nothing");
    }

    @Override
    public HandoverResult handOver(String group, List<HandedEntry> entries, Duration limit) {
      throw new AssertionError("the test hands nothing over");
    }
  }

  /** Contact with the peer is made, and the third failure in a row ends it. */
  @Test
  void noKeyWaitsForEverWhereGivingThePeerUpFails() {
    SimulatedWorld world = new SimulatedWorld(1);
    AtomicInteger meetings = new AtomicInteger();
    try (Geecache node = new Geecache()) {
      Contact contact = new Contact();
      contact.met(contact.attempt(), 7);
      ExecutorService threads = world.executor();
      NodePeer peer =
          new NodePeer(
              "http://b:2",
              new BrokenLink(),
              contact,
              new NodePeer.Meeter() {
                @Override
                public void meet(NodePeer met) {}

                @Override
                public void meetSoon(NodePeer met) {
                  meetings.incrementAndGet();
                }
              },
              new RemovalLog(1, () -> 0),
              new ClusterRuntime(
                  world.ticker(), threads, world.timer(), world.random(), world.waiting()),
              new PeerCounters(),
              () -> 0,
              OPTIONS);
      LocalGroup group = LocalNode.partOf(node.newGroup("g", 0, key -> new byte[0]));
      List<CompletableFuture<PeerValue>> gets = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        gets.add(peer.get(group, "key" + i));
        world.pass(Duration.ofMillis(1));
      }
      assertThat(gets).allMatch(CompletableFuture::isCompletedExceptionally);
      assertThat(contact.isMade()).isFalse();
      assertThat(meetings).hasValue(1);
    }
  }
}
