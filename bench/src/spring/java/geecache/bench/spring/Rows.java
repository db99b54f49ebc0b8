package geecache.bench.spring;

import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The rows as one instance of an application sees them. Spring makes a proxy of it, which needs
 * public methods.
 */
class Rows {
  static final String CACHE = "rows";

  /** What a load takes at most, once it has read the row; a third of it on average. */
  private static final long LOAD_NANOS = TimeUnit.MILLISECONDS.toNanos(8);

  private final JdbcTemplate database;
  private final Loads loads;

  Rows(JdbcTemplate database, Loads loads) {
    this.database = database;
    this.loads = loads;
  }

  @Cacheable(cacheNames = CACHE, sync = true)
  public long find(long id) {
    return load(id);
  }

  @Cacheable(CACHE)
  public long findWithoutSync(long id) {
    return load(id);
  }

  private long load(long id) {
    long number = select(id);
    double share = ThreadLocalRandom.current().nextDouble();
    LockSupport.parkNanos((long) (LOAD_NANOS * share * share)); // Few are slow.
    loads.ended(number);
    return number;
  }

  /** Past the caches. */
  public long select(long id) {
    return Objects.requireNonNull(
        database.queryForObject("select number from numbers where id = ?", Long.class, id));
  }

  @CacheEvict(cacheNames = CACHE, key = "#p0")
  public void change(long id, long number) {
    database.update("update numbers set number = ? where id = ?", number, id);
    loads.changed(number);
  }

  /** Evicts at once, whatever the caches put off else. */
  @CacheEvict(cacheNames = CACHE, beforeInvocation = true)
  public void forget(long id) {}
}
