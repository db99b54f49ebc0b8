package geecache.bench.remote;

import geecache.ByteView;
import geecache.Geecache;
import geecache.Group;
import geecache.GroupBuilder;
import geecache.GroupStats;
import geecache.Value;
import geecache.bench.nodes.Await;
import geecache.bench.nodes.Ends;
import geecache.http.HTTPPool;
import geecache.ring.HashRing;
import java.util.HashMap;
import java.util.Map;

/**
 * A whole node of geecache whose keys are loaded by the owner's getter, or by the caller's loader.
 */
final class ColdGeecache implements ColdNode {
  /** No pause of a busy machine is to be taken for a peer's failure. */
  private static final String PATIENCE = "10s";

  private final String self;
  private final HashRing ring;
  private final Geecache node;
  private final Group group;
  private final boolean lease;

  ColdGeecache(Ends ends, String container, boolean lease) throws Exception {
    this.self = GeecacheNode.url(ends.here());
    this.ring = HashRing.of(GeecacheNode.urls(ends));
    this.lease = lease;
    Map<String, String> settings = new HashMap<>(GeecacheNode.peers(ends));
    settings.put("geecache.peer-timeout", PATIENCE);
    this.node = GeecacheNode.start(ends, container, settings);
    GroupBuilder builder = node.group("cold").hotCopies(false).maxLoads(Load.THREADS);
    this.group = lease ? builder.register() : builder.register(ColdKeys::load);
  }

  @Override
  public void awaitOther() throws InterruptedException {
    HTTPPool pool = (HTTPPool) node.local().cluster();
    Await.until("contact of two nodes", () -> !pool.inContact().isEmpty());
  }

  @Override
  public boolean isRemote(String key) {
    return !self.equals(ring.owner(key));
  }

  @Override
  public byte[] get(String key) throws Exception {
    ByteView value =
        lease ? group.get(key, cold -> Value.of(ByteView.of(ColdKeys.load(cold)))) : group.get(key);
    return value.toByteArray();
  }

  @Override
  public boolean isStored(String key) {
    return group.getIfPresent(key).isPresent();
  }

  @Override
  public long held() {
    GroupStats stats = group.stats();
    return stats.loads() + stats.fetchesInVain() + stats.entries();
  }
}
