package geecache.spring;

import geecache.Ticker;
import geecache.TransactionAge;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What caches have to know of the transactions of threads: when they began, and whether they may
 * have written. This class knows none, for applications without them. Safe for use by many threads.
 */
sealed class Transactions implements TransactionAge permits SpringTransactions {
  private final Ticker ticker;
  private final ThreadLocal<@Nullable Long> putSince = new ThreadLocal<>();

  Transactions(Ticker ticker) {
    this.ticker = ticker;
  }

  /** Returns the transaction of this thread; null if there is none, or it has been committed. */
  @Nullable CacheTransaction current() {
    return null;
  }

  /** Whether this thread reads from a session that was there before its transaction. */
  boolean hasOlderSession() {
    return false;
  }

  /** Returns how old what this thread reads is, at most. */
  @Override
  public final Optional<Duration> at(long now) {
    Long since = putSince.get();
    return since != null ? Optional.of(age(since, now)) : ofTransaction(now);
  }

  /** As {@link TransactionAge#at}. */
  Optional<Duration> ofTransaction(long now) {
    return Optional.of(Duration.ZERO);
  }

  /** Whether it is not known since when this thread reads. */
  final boolean isOfUnknownAge() {
    return ofTransaction(now()).isEmpty();
  }

  final long now() {
    return ticker.nanos();
  }

  static Duration age(long began, long now) {
    return Duration.ofNanos(Math.max(1, now - began));
  }

  /** Runs {@code put} for a value that was read after {@code nanos}. */
  void putAsOf(long nanos, Runnable put) {
    Long outer = putSince.get();
    putSince.set(nanos);
    try {
      put.run();
    } finally {
      if (outer == null) {
        putSince.remove();
      } else {
        putSince.set(outer);
      }
    }
  }
}
