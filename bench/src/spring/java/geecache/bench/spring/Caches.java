package geecache.bench.spring;

import org.springframework.cache.CacheManager;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;

/** The caches of all instances of an application, and the processes or nodes behind them. */
interface Caches extends AutoCloseable {
  /**
   * Returns those of one instance, whose evicts wait for the commit of their transaction.
   *
   * @param instance its number, from 0
   */
  CacheManager manager(int instance, DataSourceTransactionManager transactions);

  /** Called when all instances have their managers. */
  void awaitReady() throws InterruptedException;

  /**
   * Returns how many evicts have failed: their callers were told that not all instances know of
   * them.
   */
  long failedEvicts();

  /** Called when the managers are closed. */
  @Override
  void close();
}
