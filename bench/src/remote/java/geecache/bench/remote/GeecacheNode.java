package geecache.bench.remote;

import geecache.Geecache;
import geecache.Group;
import geecache.ring.HashRing;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** A whole node of geecache, in an embedded container, with one peer. */
final class GeecacheNode implements Node {
  private final AtomicLong loads = new AtomicLong();
  private final String self;
  private final HashRing ring;
  private final Group group;

  /**
   * @param peerRequests {@code batch} or {@code get}
   */
  GeecacheNode(Ends ends, String container, String peerRequests) throws Exception {
    self = url(ends.here());
    List<String> peers = List.of(self, url(ends.there()));
    ring = HashRing.of(peers);
    Map<String, String> parameters =
        Map.of(
            "geecache.self",
            self,
            "geecache.peers",
            String.join(",", peers),
            "geecache.secret",
            "known-to-both-sides",
            "geecache.peer-requests",
            peerRequests);
    Geecache node =
        container.equals("jetty")
            ? EmbeddedJetty.start(ends.here(), parameters)
            : EmbeddedTomcat.start(ends.here(), parameters);
    group = node.group("bench").hotCopies(false).register(this::load);
  }

  private static String url(int port) {
    return "http://" + Ends.HOST + ":" + port;
  }

  private byte[] load(String key) {
    loads.incrementAndGet();
    return Values.of(key);
  }

  @Override
  public boolean isRemote(String key) {
    return !self.equals(ring.owner(key));
  }

  @Override
  public void fill(List<String> keys) throws Exception {
    do { // Until the other is in contact, keys are loaded here.
      loads.set(0);
      group.clearHere();
      for (String key : keys) {
        group.get(key);
      }
    } while (held() != 0);
  }

  @Override
  public byte[] get(String key) throws Exception {
    return group.get(key).toByteArray();
  }

  @Override
  public long held() {
    return loads.get() + group.stats().entries();
  }
}
