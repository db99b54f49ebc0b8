package geecache.cluster;

import geecache.CacheException;
import geecache.ClosedException;
import geecache.NotReachedException;
import geecache.OverloadedException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The changes of this node's callers that are under way: so many at most, and none once the node is
 * closed. Safe for use by many threads.
 */
final class ChangeCalls {
  private final int most;
  private final Supplier<List<String>> others;

  private final AtomicLong numbers = new AtomicLong();

  /** In the order in which they were called. */
  private final Map<Long, Call> underWay = new ConcurrentSkipListMap<>();

  /** The map cannot tell without a walk. */
  private final AtomicInteger count = new AtomicInteger();

  /** Set once. A call that reads it late is ended by the second look. */
  private volatile boolean closed;

  private record Call(String what, long number, CompletableFuture<Void> end) {}

  /**
   * Makes it for one node.
   *
   * @param most the most calls under way
   * @param others returns the nodes that a change which ends early has perhaps not reached
   */
  ChangeCalls(int most, Supplier<List<String>> others) {
    this.most = most;
    this.others = others;
  }

  /**
   * Begins a change, unless too many are under way.
   *
   * @param what names it in failures
   * @return fails with an {@link OverloadedException}, or {@link ClosedException}, before anything
   *     is done
   */
  CompletableFuture<Void> begin(String what, Supplier<CompletableFuture<Void>> change) {
    if (closed) {
      return CompletableFuture.failedFuture(new ClosedException());
    }
    if (count.incrementAndGet() > most) {
      count.decrementAndGet();
      return CompletableFuture.failedFuture(
          new OverloadedException(
              "overloaded: %d changes are under way on this node".formatted(most)));
    }
    Call call = new Call(what, numbers.incrementAndGet(), new CompletableFuture<>());
    underWay.put(call.number(), call);
    try {
      change.get().whenComplete((none, failure) -> end(call, causeOf(failure)));
    } catch (RuntimeException | Error fault) {
      end(call, fault);
    }
    if (closed) {
      giveUp(call);
    }
    return call.end();
  }

  /** Returns how many changes are under way. */
  int underWay() {
    return count.get();
  }

  /** Ends all calls: no answer is waited for any more. */
  void close() {
    closed = true;
    underWay.values().forEach(this::giveUp);
  }

  private void giveUp(Call call) {
    end(call, new NotReachedException(call.what() + ", whose node is closed,", others.get()));
  }

  /**
   * Ends a call, once. Its place is free before its caller hears of that.
   *
   * @param failure null if it succeeded; it may have found no thread because the node is closed
   */
  private void end(Call call, @Nullable Throwable failure) {
    if (closed && failure != null && !(failure instanceof CacheException)) {
      giveUp(call);
      return;
    }
    if (underWay.remove(call.number()) == null) {
      return;
    }
    count.decrementAndGet();
    if (failure == null) {
      call.end().complete(null);
    } else {
      call.end().completeExceptionally(failure);
    }
  }

  private static @Nullable Throwable causeOf(@Nullable Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}
