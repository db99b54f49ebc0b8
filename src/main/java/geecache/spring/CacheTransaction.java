package geecache.spring;

import geecache.ByteView;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * What one transaction does to caches once it is committed. It evicts first, and puts then what was
 * loaded meanwhile. Nothing is done if it is rolled back. For the thread of the transaction.
 */
final class CacheTransaction implements TransactionSynchronization {
  /** Of values that wait for the commit; others are not kept. */
  private static final int MOST_PUTS = 1_000;

  /** The changes of one cache, by the texts of keys. */
  private static final class Changes {
    final Map<String, Object> evicted = new LinkedHashMap<>();
    final Map<String, Put> puts = new LinkedHashMap<>();
    boolean cleared;

    /** What replaces something is put first, and what was only loaded then, by other threads. */
    void putIn(ChangedCache cache, Steps steps) {
      Map<String, Put> loaded = new LinkedHashMap<>();
      puts.forEach(
          (text, put) -> {
            if (put.since() == null) {
              steps.takeCommitted(() -> cache.putNow(text, put));
            } else {
              loaded.put(text, put);
            }
          });
      if (!loaded.isEmpty()) {
        steps.takeCommitted(() -> cache.putLater(loaded));
      }
    }

    /** What was written since a savepoint may be in any of the values. */
    void forgetPuts() {
      puts.forEach(
          (text, put) -> {
            if (put.since() == null) {
              evicted.put(text, put.key());
            }
          });
      puts.clear();
    }
  }

  private final Object all;
  private final @Nullable Long began;
  private final Map<ChangedCache, Changes> changes = new LinkedHashMap<>();
  private int puts;
  private boolean ended;

  private CacheTransaction(Object all, @Nullable Long began) {
    this.all = all;
    this.began = began;
  }

  /**
   * Begins with the transaction of this thread.
   *
   * @param all the resource that it is bound to
   * @param began when that began, in the time of caches; null if that is not known
   */
  static CacheTransaction begin(Object all, @Nullable Long began) {
    CacheTransaction made = new CacheTransaction(all, began);
    TransactionSynchronizationManager.bindResource(all, made);
    TransactionSynchronizationManager.registerSynchronization(made);
    return made;
  }

  /** Before the application's own steps after a commit, which may read caches. */
  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE;
  }

  @Nullable Long began() {
    return began;
  }

  boolean hasEnded() {
    return ended;
  }

  /** A transaction that may write may have done so: nobody tells. */
  boolean mayHaveWritten() {
    return !TransactionSynchronizationManager.isCurrentTransactionReadOnly();
  }

  private Changes of(ChangedCache cache) {
    return changes.computeIfAbsent(cache, first -> new Changes());
  }

  void evict(ChangedCache cache, String text, Object key) {
    of(cache).evicted.put(text, key);
    of(cache).puts.remove(text);
  }

  void clear(ChangedCache cache) {
    of(cache).cleared = true;
    of(cache).puts.clear();
  }

  /** Whether this will remove the key, so that the cache has nothing to say of it until then. */
  boolean removes(ChangedCache cache, String text) {
    Changes known = changes.get(cache);
    return known != null && (known.cleared || known.evicted.containsKey(text));
  }

  /** Whether this will replace the value of the key, so that the one that is there is old. */
  boolean replaces(ChangedCache cache, String text) {
    Changes known = changes.get(cache);
    Put put = known == null ? null : known.puts.get(text);
    return put != null && put.since() == null;
  }

  /** Puts a value that was loaded within this, on condition that its key was not removed. */
  void putLoaded(ChangedCache cache, String text, Object key, ByteView value) {
    if (replaces(cache, text)) {
      put(cache, text, key, value);
    } else if (began != null && puts < MOST_PUTS) {
      put(cache, text, new Put(key, value, began));
    }
  }

  /** Puts a value that replaces whatever is there. */
  void put(ChangedCache cache, String text, Object key, ByteView value) {
    put(cache, text, new Put(key, value, null));
  }

  private void put(ChangedCache cache, String text, Put value) {
    of(cache).puts.put(text, value);
    puts++;
  }

  @Override
  public void savepointRollback(Object savepoint) {
    changes.values().forEach(Changes::forgetPuts);
  }

  @Override
  public void suspend() {
    TransactionSynchronizationManager.unbindResourceIfPossible(all);
  }

  @Override
  public void resume() {
    TransactionSynchronizationManager.bindResource(all, this);
  }

  @Override
  public void afterCommit() {
    carryOut();
  }

  /** If the outcome is not known, keys are evicted all the same. */
  @Override
  public void afterCompletion(int status) {
    TransactionSynchronizationManager.unbindResourceIfPossible(all);
    if (status != STATUS_ROLLED_BACK) {
      if (status == STATUS_UNKNOWN) {
        changes.values().forEach(each -> each.puts.clear());
      }
      carryOut();
    }
    ended = true;
  }

  /** A cache whose evicts failed puts nothing. */
  private void carryOut() {
    ended = true;
    Map<ChangedCache, Changes> due = new LinkedHashMap<>(changes);
    changes.clear();
    Steps steps = new Steps();
    Set<ChangedCache> removed = new LinkedHashSet<>();
    due.forEach(
        (cache, each) -> {
          if (steps.takeCommitted(() -> remove(cache, each))) {
            removed.add(cache);
          }
        });
    removed.forEach(cache -> Objects.requireNonNull(due.get(cache)).putIn(cache, steps));
    steps.end();
  }

  private static void remove(ChangedCache cache, Changes changes) {
    if (changes.cleared) {
      cache.clearNow();
    } else if (!changes.evicted.isEmpty()) {
      cache.evictNow(changes.evicted);
    }
  }
}
