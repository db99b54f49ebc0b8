package geecache.spring;

import geecache.Ticker;
import geecache.TransactionAge;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * What caches have to know of the transactions of threads: when they began, and whether they may
 * have written. Transaction managers tell it, each if it has this as its listener. Safe for use by
 * many threads.
 */
final class Transactions implements TransactionExecutionListener, TransactionAge {
  private final Ticker ticker;
  private final ThreadLocal<@Nullable Long> beginning = new ThreadLocal<>();
  private final ThreadLocal<@Nullable Long> putSince = new ThreadLocal<>();

  Transactions(Ticker ticker) {
    this.ticker = ticker;
  }

  @Override
  public void beforeBegin(TransactionExecution transaction) {
    beginning.set(ticker.nanos());
  }

  @Override
  public void afterBegin(TransactionExecution transaction, @Nullable Throwable failure) {
    Long began = beginning.get();
    beginning.remove();
    if (failure == null && isActive() && !TransactionSynchronizationManager.hasResource(this)) {
      CacheTransaction.begin(this, began);
    }
  }

  private static boolean isActive() {
    return TransactionSynchronizationManager.isActualTransactionActive()
        && TransactionSynchronizationManager.isSynchronizationActive();
  }

  /** Returns the transaction of this thread; null if there is none, or it has been committed. */
  @Nullable CacheTransaction current() {
    if (!isActive()) {
      return null;
    }
    CacheTransaction known =
        TransactionSynchronizationManager.getResource(this) instanceof CacheTransaction begun
            ? begun
            : CacheTransaction.begin(this, null);
    return known.hasEnded() ? null : known;
  }

  /** Returns how old what this thread reads is, at most; see {@link TransactionAge#get}. */
  @Override
  public Optional<Duration> get() {
    Long since = putSince.get();
    if (since != null) {
      return Optional.of(ageOf(since));
    }
    CacheTransaction transaction = current();
    if (transaction == null) {
      return Optional.of(Duration.ZERO);
    }
    return transaction.mayHaveWritten()
        ? Optional.empty()
        : Optional.ofNullable(transaction.began()).map(this::ageOf);
  }

  private Duration ageOf(long nanos) {
    return Duration.ofNanos(Math.max(1, ticker.nanos() - nanos));
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
