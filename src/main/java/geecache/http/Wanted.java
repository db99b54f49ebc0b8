package geecache.http;

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

/** A key that a peer is, or is to be, asked for, and who waits for it. */
final class Wanted {
  final LocalGroup group;
  final String key;

  /** Whether the peer is to answer from memory, or not at all. */
  final boolean onlyIfCached;

  final CompletableFuture<@Nullable PeerValue> answer = new CompletableFuture<>();

  /** When this was made, by {@link System#nanoTime}. */
  private final long begun = System.nanoTime();

  Wanted(LocalGroup group, String key) {
    this(group, key, false);
  }

  Wanted(LocalGroup group, String key, boolean onlyIfCached) {
    this.onlyIfCached = onlyIfCached;
    this.group = group;
    this.key = key;
  }

  /** As long as those may wait who come as late as a load can take. Each has its own deadline. */
  static Duration longest(LocalGroup group) {
    return group.waitTimeout().plus(group.loadTimeout());
  }

  /** Whether all who may wait for it have given up. */
  boolean isLate() {
    return System.nanoTime() - begun >= TimeUnit.NANOSECONDS.convert(longest(group));
  }

  /**
   * Returns the removals that the peer has to know. A peer that owned the key until lately may have
   * missed some, and is told of all that this node remembers.
   */
  List<Removal.Carried> removed(RemovalLog removals) {
    return onlyIfCached
        ? removals.remembered(group.name(), key)
        : removals.carriedBy(group.name(), key);
  }

  /** The peer has no value in memory, and was to look nowhere else. */
  void isNotCached() {
    answer.complete(null);
  }

  void is(PeerValue value) {
    answer.complete(value);
  }

  /** The peer's answer is a failure. */
  void fails(CacheException failure) {
    answer.completeExceptionally(failure);
  }

  /** There was no connection to ask by. */
  void isUnasked() {
    fails(new OverloadedException("overloaded: all connections to one node are in use"));
  }

  /** It has been loading for too long. */
  void isGivenUp() {
    fails(
        new LoadTimeoutException(
            "gave up waiting for %s/%s, which is loading on another node"
                .formatted(group.name(), key),
            null));
  }

  /** There is no answer. */
  void isNowhere(PeerFailure failure) {
    answer.completeExceptionally(failure);
  }
}
