package geecache;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The cluster of a node that has no peers: it owns every key. Its stamps are earlier than those of
 * any cluster that the node may become part of.
 *
 * <p>Of two changes at the same time, the one with the later stamp may be carried out first. The
 * other then takes a new stamp: that a key is removed, or set, is not to hang on this race.
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
    keys.forEach(key -> untilCarriedOut(stamp -> group.remove(key, stamp)));
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
    untilCarriedOut(stamp -> group.set(key, value, timeToLive, stamp));
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Boolean> putIfAbsent(
      LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive) {
    LocalGroup.Put put;
    do {
      put = group.putIfAbsent(key, value, timeToLive, nextStamp());
    } while (put.later() != null);
    return CompletableFuture.completedFuture(put.stored());
  }

  /** Makes {@code change}, which returns a stamp if that is later. */
  private void untilCarriedOut(Function<Stamp, @Nullable Stamp> change) {
    Stamp later;
    do {
      later = change.apply(nextStamp());
    } while (later != null);
  }

  @Override
  public void close() {}
}
