package geecache;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The cluster of a node that has no peers: it owns every key. Its stamps are earlier than those of
 * any cluster that the node may become part of.
 *
 * <p>Of changes that are called at the same time, the one with the later stamp may come first. The
 * other then leaves the key alone, as if it had been called and undone just before.
 */
final class NoPeers implements Cluster {
  private final AtomicLong changes = new AtomicLong();

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
  public Stamp nextStamp() {
    return new Stamp(changes.incrementAndGet(), 0);
  }

  @Override
  public CompletableFuture<Void> removeAll(LocalGroup group, Collection<String> keys) {
    Stamp stamp = nextStamp();
    keys.forEach(key -> group.remove(key, stamp));
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> clear(LocalGroup group) {
    group.clear(nextStamp());
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> set(
      LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive) {
    group.set(key, value, timeToLive, nextStamp());
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void close() {}
}
