package geecache.spring;

import geecache.Ticker;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The transactions of Spring. Transaction managers tell when they begin, each if it has this as its
 * listener. Where none tells, the beginning is not known.
 */
final class SpringTransactions extends Transactions implements TransactionExecutionListener {
  private final ThreadLocal<@Nullable Long> beginning = new ThreadLocal<>();

  SpringTransactions(Ticker ticker) {
    super(ticker);
  }

  @Override
  public void beforeBegin(TransactionExecution transaction) {
    beginning.set(now());
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

  @Override
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

  @Override
  Optional<Duration> ofTransaction() {
    CacheTransaction transaction = current();
    if (transaction == null) {
      return Optional.of(Duration.ZERO);
    }
    return transaction.mayHaveWritten()
        ? Optional.empty()
        : Optional.ofNullable(transaction.began()).map(this::ageOf);
  }
}
