package geecache.bench.remote;

import geecache.Geecache;
import geecache.Group;
import geecache.LocalNode;
import geecache.Stamp;
import geecache.bench.nodes.EmbeddedJetty;
import geecache.bench.nodes.Ends;
import geecache.ring.HashRing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/** A whole node of geecache, in an embedded container, with one peer. */
final class GeecacheNode implements Node {
  private static final int GO_REPLICAS = 50;

  /** One in so many keys is removed before it is measured. */
  private static final int REMOVED_ONE_IN = 10;

  private final AtomicLong loads = new AtomicLong();
  private final String self;
  private final HashRing ring;
  private final Group group;
  private final boolean removes;

  /**
   * @param peerRequests {@code batch} or {@code get}
   * @param removes whether keys are removed when they were filled in, and got once more: for a
   *     minute, gets of them name the removal
   */
  GeecacheNode(Ends ends, String container, String peerRequests, boolean removes) throws Exception {
    this(ends, container, removes, HashRing.of(urls(ends)), withPeerRequests(ends, peerRequests));
  }

  private static Map<String, String> withPeerRequests(Ends ends, String peerRequests) {
    Map<String, String> settings = new HashMap<>(peers(ends));
    settings.put("geecache.peer-requests", peerRequests);
    return settings;
  }

  /** Makes one whose peer is a Go node. */
  static GeecacheNode withGo(Ends ends, String container) throws Exception {
    return new GeecacheNode(
        ends,
        container,
        false,
        HashRing.compatible(urls(ends), GO_REPLICAS),
        Map.of(
            "geecache.peers",
            url(ends.here()),
            "geecache.groupcache",
            "true",
            "geecache.groupcache-peers",
            url(ends.there())));
  }

  private GeecacheNode(
      Ends ends, String container, boolean removes, HashRing ring, Map<String, String> settings)
      throws Exception {
    this.self = url(ends.here());
    this.removes = removes;
    this.ring = ring;
    Geecache node = start(ends, container, settings);
    group = node.group("bench").hotCopies(false).register(this::load);
  }

  /** Starts a node without groups, in a container. */
  static Geecache start(Ends ends, String container, Map<String, String> settings)
      throws Exception {
    Map<String, String> parameters = new HashMap<>(settings);
    parameters.put("geecache.self", url(ends.here()));
    return container.equals("jetty")
        ? EmbeddedJetty.start(ends.here(), parameters)
        : EmbeddedTomcat.start(ends.here(), parameters);
  }

  /** Returns what tells the two of each other. */
  static Map<String, String> peers(Ends ends) {
    return Map.of(
        "geecache.peers", String.join(",", urls(ends)), "geecache.secret", "known-to-both-sides");
  }

  static List<String> urls(Ends ends) {
    return List.of(url(ends.here()), url(ends.there()));
  }

  /** Servers in Java refuse an escaped slash in a path, which is where Go puts it. */
  @Override
  public String key(int number) {
    return ring.fingerprint() == HashRing.of(ring.peers()).fingerprint()
        ? Node.super.key(number)
        : "customer-" + number;
  }

  static String url(int port) {
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
      LocalNode.partOf(group).clear(new Stamp(1, 0));
      for (String key : keys) {
        group.get(key);
      }
    } while (held() != 0);
    if (removes) {
      List<String> some =
          IntStream.range(0, keys.size() / REMOVED_ONE_IN)
              .mapToObj(i -> keys.get(i * REMOVED_ONE_IN))
              .toList();
      group.removeAll(some);
      for (String key : some) {
        group.get(key);
      }
    }
  }

  @Override
  public byte[] get(String key) throws Exception {
    return group.get(key).toByteArray();
  }

  @Override
  public void getAll(Set<String> keys, BiConsumer<String, byte[]> values) throws Exception {
    group.getAll(keys).forEach((key, value) -> values.accept(key, value.toByteArray()));
  }

  @Override
  public long held() {
    return loads.get() + group.stats().entries();
  }
}
