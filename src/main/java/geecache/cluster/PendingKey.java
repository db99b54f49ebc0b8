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

/**
 * A key that a peer is asked for, or will be. Used by one thread at a time. That thread ends it
 * once, or hands it on.
 */
final class PendingKey {
  /** A question that the peer answers only from memory. Its callers have a limit of their own. */
  private record Peek(String key, CompletableFuture<@Nullable PeerValue> cached)
      implements Peer.Question {
    @Override
    public Duration left() {
      return Duration.ofNanos(Long.MAX_VALUE);
    }

    @Override
    public void noteQueued(boolean waits) {}

    @Override
    public void answer(PeerValue value) {
      cached.complete(value);
    }

    @Override
    public void fail(Throwable failure) {
      cached.completeExceptionally(failure);
    }
  }

  final LocalGroup group;
  final String key;
  private final Peer.Question question;

  /** When this was made, by the ticker. */
  private final long begun;

  /** Whether the peer was asked before. */
  private boolean asked;

  /** Makes a key that callers wait for. */
  PendingKey(LocalGroup group, Peer.Question question, long now) {
    this.group = group;
    this.key = question.key();
    this.question = question;
    this.begun = now;
  }

  /**
   * Returns a key that the peer answers only from memory.
   *
   * @param cached completed with null if the peer has no value
   */
  static PendingKey onlyIfCached(
      LocalGroup group, String key, CompletableFuture<@Nullable PeerValue> cached, long now) {
    return new PendingKey(group, new Peek(key, cached), now);
  }

  /**
   * Returns how long a key may be asked for: for the longest load, and then for the wait of a
   * caller that joined at its end. Each caller has its own deadline.
   */
  static Duration longest(LocalGroup group) {
    return group.waitTimeout().plus(group.loadTimeout());
  }

  /** Whether the peer answers only from memory. */
  boolean isOnlyIfCached() {
    return question instanceof Peek;
  }

  /** Whether all callers have given up. */
  boolean isLate(long now) {
    return now - begun >= TimeUnit.NANOSECONDS.convert(longest(group));
  }

  /** Whether no caller has time left, as far as the callers know. */
  boolean isUnwanted() {
    return question.left().isZero();
  }

  /**
   * Returns the question to the peer, which names the removals of the last minute.
   *
   * @param mayLease whether the peer may give a lease
   */
  KeyRead read(AnnouncedRemovals announced, boolean mayLease) {
    return isOnlyIfCached()
        ? new KeyRead(key, List.of(), true)
        : new KeyRead(
            key,
            announced.namedBy(group.name(), key),
            false,
            question.left(),
            question.callers(),
            question.takeCopyHits(),
            mayLease && question.canLoad(),
            question.traceparent());
  }

  /** Notes that the peer is asked now: the key does not wait for that any more. */
  void noteAsked() {
    if (!asked) {
      asked = true;
      noteQueued(false);
    }
  }

  /** Notes that the key waits once more to be asked for. */
  void noteQueuedAgain() {
    asked = false;
    noteQueued(true);
  }

  /** Notes whether the key waits to be asked for, or its load for a place at the peer. */
  void noteQueued(boolean queued) {
    question.noteQueued(queued);
  }

  /** Notes that the peer has no answer yet, since the key is being loaded. */
  void noteLoading() {
    question.noteLoading();
  }

  /** Has a caller load the key. */
  void lease(Peer.Lease lease) {
    question.lease(lease);
  }

  void complete(PeerValue value) {
    question.answer(value);
  }

  /** Ends because the peer has no value in memory. */
  void completeEmpty() {
    if (question instanceof Peek peek) {
      peek.cached.complete(null);
    } else {
      noAnswer(LinkFailure.refused("it was not asked for its memory alone"));
    }
  }

  /** Ends with a failure that is the peer's answer. */
  void fail(CacheException failure) {
    question.fail(failure);
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
    question.fail(failure);
  }
}
