package geecache.http;

import geecache.CacheException;
import geecache.Fetched;
import geecache.Group;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A key that a peer is, or is to be, asked for, and who waits for it. */
final class Wanted {
  final Group group;
  final String key;
  final CompletableFuture<Fetched> answer = new CompletableFuture<>();

  /** When all who may wait for it have given up, by {@link System#nanoTime}. */
  final long deadline;

  Wanted(Group group, String key) {
    this.group = group;
    this.key = key;
    this.deadline = System.nanoTime() + TimeUnit.NANOSECONDS.convert(longest(group));
  }

  /** As long as those may wait who come as late as a load can take. Each has its own deadline. */
  static Duration longest(Group group) {
    return group.waitTimeout().plus(group.loadTimeout());
  }

  boolean isLate() {
    return System.nanoTime() - deadline >= 0;
  }

  void is(Fetched value) {
    answer.complete(value);
  }

  /** The peer's answer is a failure. */
  void fails(CacheException failure) {
    answer.completeExceptionally(failure);
  }

  /** There is no answer. */
  void isNowhere(PeerFailure failure) {
    answer.completeExceptionally(failure);
  }
}
