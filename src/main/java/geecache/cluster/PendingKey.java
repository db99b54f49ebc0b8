package geecache.cluster;

import geecache.CacheException;
import geecache.LoadTimeoutException;
import geecache.LocalGroup;
import geecache.OverloadedException;
import geecache.PeerValue;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A key that a peer is asked for, or will be, and the callers who wait for it. */
final class PendingKey {
  final LocalGroup group;
  final String key;

  /** Whether the peer answers only from memory. */
  final boolean onlyIfCached;

  /** Completed with null if the question was for memory alone and the peer has no value. */
  final CompletableFuture<@Nullable PeerValue> answer = new CompletableFuture<>();

  /** When this was made, by the ticker. */
  private final long begun;

  PendingKey(LocalGroup group, String key, boolean onlyIfCached, long now) {
    this.group = group;
    this.key = key;
    this.onlyIfCached = onlyIfCached;
    this.begun = now;
  }

  /**
   * Returns how long a key may be asked for: for the longest load, and then for the wait of a
   * caller that joined at its end. Each caller has its own deadline.
   */
  static Duration longest(LocalGroup group) {
    return group.waitTimeout().plus(group.loadTimeout());
  }

  /** Whether all callers have given up. */
  boolean isLate(long now) {
    return now - begun >= TimeUnit.NANOSECONDS.convert(longest(group));
  }

  /** Returns the question to the peer, which names the removals of the last minute. */
  KeyRead read(AnnouncedRemovals announced) {
    return new KeyRead(
        key, onlyIfCached ? List.of() : announced.namedBy(group.name(), key), onlyIfCached);
  }

  void complete(@Nullable PeerValue value) {
    answer.complete(value);
  }

  /** Ends with a failure that is the peer's answer. */
  void fail(CacheException failure) {
    answer.completeExceptionally(failure);
  }

  /** Ends because no connection to the peer was free. */
  void failUnasked() {
    fail(new OverloadedException("overloaded: all connections to one node are in use"));
  }

  /** Ends because the peer has been loading for too long. */
  void giveUp() {
    fail(
        LoadTimeoutException.stillLoading(
            "gave up waiting for %s/%s, which is loading on another node"
                .formatted(group.name(), key)));
  }

  /** Ends without an answer. The callers must get the value elsewhere. */
  void noAnswer(LinkFailure failure) {
    answer.completeExceptionally(failure);
  }
}
