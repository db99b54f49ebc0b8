package geecache;

import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** The cluster of a node that has no peers: it owns every key. */
final class NoPeers implements Cluster {
  @Override
  public @Nullable Peer pick(String key) {
    return null;
  }

  @Override
  public @Nullable Peer pickInstead(String key, Peer failed) {
    return null;
  }

  @Override
  public boolean owns(String key) {
    return true;
  }

  @Override
  public long view() {
    return 0;
  }

  @Override
  public void removeAll(LocalGroup group, Collection<String> keys) {
    group.remove(keys);
  }

  @Override
  public void clear(LocalGroup group) {
    group.clear();
  }

  @Override
  public void set(LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive) {
    group.set(key, value, timeToLive);
  }

  @Override
  public void close() {}
}
