package geecache.cluster;

import geecache.CacheException;
import geecache.LoadTimeoutException;
import geecache.LocalGroup;
import geecache.OverloadedException;
import geecache.Peer;
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

  /** Null if {@link #onlyIfCached}. */
  private final Peer.@Nullable Callers callers;

  /** When this was made, by the ticker. */
  private final long begun;

  /** Whether the peer was asked before. Written by one sender at a time. */
  private volatile boolean asked;

  private PendingKey(
      LocalGroup group,
      String key,
      boolean onlyIfCached,
      Peer.@Nullable Callers callers,
      long now) {
    this.group = group;
    this.key = key;
    this.onlyIfCached = onlyIfCached;
    this.callers = callers;
    this.begun = now;
  }

  /** Returns a key that callers wait for, and that waits to be asked for. */
  static PendingKey of(LocalGroup group, String key, Peer.Callers callers, long now) {
    callers.noteQueued(true);
    return new PendingKey(group, key, false, callers, now);
  }

  /** Returns a key that the peer answers only from memory. */
  static PendingKey onlyIfCached(LocalGroup group, String key, long now) {
    return new PendingKey(group, key, true, null, now);
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

  /** Whether no caller has time left, as far as the callers know. */
  boolean isUnwanted() {
    return callers != null && callers.left().isZero();
  }

  /** Returns the question to the peer, which names the removals of the last minute. */
  KeyRead read(AnnouncedRemovals announced) {
    return new KeyRead(
        key,
        onlyIfCached ? List.of() : announced.namedBy(group.name(), key),
        onlyIfCached,
        callers == null ? null : callers.left());
  }

  /** Notes that the peer is asked now: the key does not wait for that any more. */
  void noteAsked() {
    if (!asked) {
      asked = true;
      noteQueued(false);
    }
  }

  /** Notes whether the load waits for a place at the peer. */
  void noteQueued(boolean queued) {
    if (callers != null) {
      callers.noteQueued(queued);
    }
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
