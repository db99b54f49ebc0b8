package geecache.bench.spring;

import javax.sql.DataSource;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** One instance of an application: its transactions, and its rows behind its caches. */
final class Instance implements AutoCloseable {
  @Configuration(proxyBeanMethods = false)
  @EnableCaching(proxyTargetClass = true)
  static class Caching {}

  private final AnnotationConfigApplicationContext context =
      new AnnotationConfigApplicationContext();

  private final DataSourceTransactionManager transactions;
  private final Rows rows;

  Instance(int number, Caches caches, DataSource database, Loads loads) {
    transactions = new DataSourceTransactionManager(database);
    context.register(Caching.class);
    context.registerBean(CacheManager.class, () -> caches.manager(number, transactions));
    context.registerBean(Rows.class, () -> new Rows(new JdbcTemplate(database), loads));
    context.refresh();
    rows = context.getBean(Rows.class);
    context.getBean(CacheManager.class).getCache(Rows.CACHE); // Before others evict from it.
  }

  Rows rows() {
    return rows;
  }

  /** Begins transactions of REPEATABLE READ. */
  TransactionTemplate transaction(boolean readOnly) {
    TransactionTemplate template = new TransactionTemplate(transactions);
    template.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
    template.setReadOnly(readOnly);
    return template;
  }

  @Override
  public void close() {
    context.close();
  }
}
