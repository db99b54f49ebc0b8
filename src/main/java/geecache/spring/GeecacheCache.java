package geecache.spring;

import geecache.ByteView;
import geecache.CacheException;
import geecache.Cached;
import geecache.Group;
import geecache.KeyNotFoundException;
import geecache.Unchecked;
import geecache.Value;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.Cache;
import org.springframework.cache.interceptor.CacheErrorHandler;

/**
 * A cache of Spring over a group without a getter: callers load, each under a lease of its key. An
 * evict within a transaction waits for its commit. Until then this transaction reads its own writes
 * past the cache. Safe for use by many threads.
 *
 * <p>A value that was loaded in a transaction that may write is put after the commit. A value that
 * is put after a miss is stored if the key was not removed in between. One that is put without a
 * miss replaces whatever is there. If it cannot be told which of these it is, and there is another
 * value by then, the key is evicted.
 */
final class GeecacheCache implements Cache, ChangedCache {
  private final String name;
  private final Cached<String, Stored> cached;
  private final StoredCodec codec;
  private final CacheParts parts;

  /** Makes the cache of {@code cached}, whose values are written by {@code codec}. */
  GeecacheCache(String name, Cached<String, Stored> cached, StoredCodec codec, CacheParts parts) {
    this.name = name;
    this.cached = cached;
    this.codec = codec;
    this.parts = parts;
  }

  @Override
  public String getName() {
    return name;
  }

  /** Returns the {@link Group}. */
  @Override
  public Object getNativeCache() {
    return cached.group();
  }

  private String text(Object key) {
    return Group.requireKey(parts.keys().text(key));
  }

  /** Returns the transaction whose commit changes wait for; null if they do not wait. */
  private @Nullable CacheTransaction waiting() {
    return parts.transactionAware() ? parts.transactions().current() : null;
  }

  private boolean isBypassed(String text) {
    CacheTransaction transaction = waiting();
    return transaction != null && transaction.removes(this, text);
  }

  @Override
  public @Nullable ValueWrapper get(Object key) {
    Stored found = find(text(key));
    return found == null ? null : found.wrapped();
  }

  @Override
  @SuppressWarnings("unchecked") // Checked if there is a type.
  public <T> @Nullable T get(Object key, @Nullable Class<T> type) {
    Stored found = find(text(key));
    Object value = found == null ? null : found.value();
    if (value != null && type != null && !type.isInstance(value)) {
      throw new IllegalStateException(
          "the cache %s has a value of %s for this key, which is not of %s"
              .formatted(name, value.getClass().getName(), type.getName()));
    }
    return (T) value;
  }

  private @Nullable Stored find(String text) {
    if (isBypassed(text)) {
      return null;
    }
    long now = parts.misses().now();
    Optional<Stored> found = cached.getIfPresent(text);
    if (found.isEmpty()) {
      parts.misses().addOfThread(missed(text), now);
    }
    return found.orElse(null);
  }

  private String missed(String text) {
    return name + '\n' + text;
  }

  @Override
  @SuppressWarnings("unchecked") // As the caller of Cache.get says.
  public <T> @Nullable T get(Object key, Callable<T> loader) {
    String text = text(key);
    try {
      if (isBypassed(text)) {
        return loader.call();
      }
      return (T) cached.get(text, ignored -> loaded(text, key, loader.call())).value();
    } catch (Exception failure) {
      if (failure instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new ValueRetrievalException(key, loader, failure);
    }
  }

  /** What is loaded within a transaction that may write is nobody else's before its commit. */
  private Stored loaded(String text, Object key, @Nullable Object value) {
    Stored stored = new Stored(value);
    CacheTransaction transaction = parts.transactions().current();
    if (transaction != null && transaction.mayHaveWritten() && !transaction.removes(this, text)) {
      transaction.putLoaded(this, text, key, stored);
    }
    return stored;
  }

  @Override
  public @Nullable CompletableFuture<?> retrieve(Object key) {
    String text = text(key);
    if (isBypassed(text)) {
      return null;
    }
    long now = parts.misses().now();
    return cached
        .getAsync(text)
        .handle(
            (found, failure) -> {
              if (failure == null) {
                return found.wrapped();
              }
              Throwable cause =
                  failure instanceof CompletionException && failure.getCause() != null
                      ? failure.getCause()
                      : failure;
              if (isAbsent(cause)) {
                parts.misses().addOfFuture(missed(text), now);
                return null;
              }
              throw failure instanceof CompletionException known
                  ? known
                  : new CompletionException(failure);
            });
  }

  private static boolean isAbsent(Throwable failure) {
    return failure instanceof KeyNotFoundException
        || failure instanceof Unchecked.KeyNotFoundException;
  }

  /** The supplier, and whoever waits for what it supplies, runs on a thread of the manager. */
  @Override
  public <T> CompletableFuture<T> retrieve(Object key, Supplier<CompletableFuture<T>> loader) {
    String text = text(key);
    if (isBypassed(text)) {
      return loader.get();
    }
    return CompletableFuture.supplyAsync(() -> retrieved(text, key, loader), parts.threads());
  }

  @SuppressWarnings("unchecked") // As the caller of Cache.retrieve says.
  private <T> T retrieved(String text, Object key, Supplier<CompletableFuture<T>> loader) {
    try {
      Stored stored = cached.get(text, ignored -> loaded(text, key, joined(loader.get())));
      return (T) stored.value();
    } catch (RuntimeException failure) {
      throw failure;
    } catch (Exception failure) {
      throw new CompletionException(failure);
    }
  }

  /** Throws what the future fails with. */
  private static @Nullable Object joined(CompletableFuture<?> future) throws Exception {
    try {
      return future.join();
    } catch (CompletionException failure) {
      if (failure.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw failure;
    }
  }

  @Override
  public void put(Object key, @Nullable Object value) {
    String text = text(key);
    Stored stored = new Stored(value);
    Long missed = parts.misses().take(missed(text));
    CacheTransaction transaction = waiting();
    if (transaction == null) {
      putNow(text, key, stored, missed);
    } else if (!transaction.removes(this, text)) {
      putIn(transaction, text, key, stored, missed);
    }
  }

  private void putIn(
      CacheTransaction transaction, String text, Object key, Stored stored, @Nullable Long missed) {
    if (missed == null) {
      transaction.put(this, text, key, stored);
    } else if (transaction.mayHaveWritten()) {
      transaction.putLoaded(this, text, key, stored);
    } else if (transaction.began() != null) {
      putNow(text, key, stored, Math.min(missed, transaction.began()));
    }
  }

  @Override
  public void putNow(String text, Object key, Stored stored, @Nullable Long since) {
    try {
      if (since == null) {
        cached.set(text, stored);
      } else {
        putIfNotRemoved(text, stored, since);
      }
    } catch (RuntimeException failure) {
      errors().handleCachePutError(failure, this, key, stored.value());
    }
  }

  /** The group asks for the age of what is loaded, and stores nothing that may be too old. */
  private void putIfNotRemoved(String text, Stored stored, long since) {
    ByteView bytes = ByteView.of(codec.encode(stored));
    AtomicBoolean own = new AtomicBoolean();
    parts
        .transactions()
        .putAsOf(
            since,
            () -> {
              ByteView kept =
                  group(
                      text,
                      () -> {
                        own.set(true);
                        return Value.of(bytes);
                      });
              if (!own.get() && !bytes.equals(kept)) {
                cached.remove(text);
              }
            });
  }

  private ByteView group(String text, Supplier<Value> value) {
    try {
      return cached.group().get(text, key -> value.get());
    } catch (CacheException failure) {
      throw Unchecked.of(failure);
    }
  }

  /** Is carried out at once, also within a transaction, unless that has evicted the key. */
  @Override
  public @Nullable ValueWrapper putIfAbsent(Object key, @Nullable Object value) {
    String text = text(key);
    if (isBypassed(text)) {
      return null;
    }
    Optional<Stored> present = cached.getIfPresent(text);
    if (present.isEmpty()) {
      try {
        if (cached.putIfAbsent(text, new Stored(value))) {
          return null;
        }
        present = cached.getIfPresent(text);
      } catch (Unchecked.CacheException failure) {
        errors().handleCachePutError(failure, this, key, value);
      }
    }
    return present.map(Stored::wrapped).orElse(null);
  }

  @Override
  public void evict(Object key) {
    String text = text(key);
    CacheTransaction transaction = waiting();
    if (transaction == null) {
      evictNow(Map.of(text, key));
    } else {
      transaction.evict(this, text, key);
    }
  }

  /** Is carried out at once, and within a transaction once more after its commit. */
  @Override
  public boolean evictIfPresent(Object key) {
    String text = text(key);
    boolean present = cached.getIfPresent(text).isPresent();
    evictNow(Map.of(text, key));
    CacheTransaction transaction = waiting();
    if (transaction != null) {
      transaction.evict(this, text, key);
    }
    return present;
  }

  @Override
  public void clear() {
    CacheTransaction transaction = waiting();
    if (transaction == null) {
      clearNow();
    } else {
      transaction.clear(this);
    }
  }

  /** Is carried out at once, and within a transaction once more after its commit. */
  @Override
  public boolean invalidate() {
    boolean held = cached.group().stats().entries() > 0;
    clearNow();
    CacheTransaction transaction = waiting();
    if (transaction != null) {
      transaction.clear(this);
    }
    return held;
  }

  @Override
  public void evictNow(Map<String, Object> keys) {
    try {
      cached.removeAll(keys.keySet());
    } catch (RuntimeException failure) {
      keys.values().forEach(key -> errors().handleCacheEvictError(failure, this, key));
    }
  }

  @Override
  public void clearNow() {
    try {
      cached.clear();
    } catch (RuntimeException failure) {
      errors().handleCacheClearError(failure, this);
    }
  }

  private CacheErrorHandler errors() {
    return parts.errors().get();
  }
}
