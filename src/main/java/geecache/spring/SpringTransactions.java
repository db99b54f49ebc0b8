package geecache.spring;

import geecache.Ticker;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.ConfigurableTransactionManager;
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

  /**
   * Makes some. Whoever calls this, or {@link #listen}, is verified without this class, which
   * cannot be loaded where there are no transactions on the class path.
   */
  static Transactions ofSystem() {
    return new SpringTransactions(Ticker.system());
  }

  /** Has {@code manager} tell {@code transactions}, which are those of Spring, when some begin. */
  static void listen(ConfigurableTransactionManager manager, Transactions transactions) {
    manager.addListener((SpringTransactions) transactions);
  }

  @Override
  public void beforeBegin(TransactionExecution transaction) {
    beginning.set(hasOlderSession() ? null : now());
  }

  @Override
  public void afterBegin(TransactionExecution transaction, @Nullable Throwable failure) {
    Long began = beginning.get();
    beginning.remove();
    if (failure == null && isActive() && !TransactionSynchronizationManager.hasResource(this)) {
      CacheTransaction.begin(this, began);
    }
  }

  /** A session of JPA or Hibernate, such as one of a web request, keeps what it has read. */
  @Override
  boolean hasOlderSession() {
    return TransactionSynchronizationManager.getResourceMap().values().stream()
        .map(resource -> resource.getClass().getName())
        .anyMatch(name -> name.endsWith(".EntityManagerHolder") || name.endsWith(".SessionHolder"));
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
  Optional<Duration> ofTransaction(long now) {
    CacheTransaction transaction = current();
    if (transaction == null) {
      return hasOlderSession() ? Optional.empty() : Optional.of(Duration.ZERO);
    }
    return transaction.mayHaveWritten()
        ? Optional.empty()
        : Optional.ofNullable(transaction.began()).map(began -> age(began, now));
  }
}
