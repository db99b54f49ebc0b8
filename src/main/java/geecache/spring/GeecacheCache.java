package geecache.spring;

import geecache.ByteView;
import geecache.Cached;
import geecache.Group;
import geecache.KeyNotFoundException;
import geecache.Unchecked;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cache.interceptor.CacheErrorHandler;
import org.springframework.cache.support.AbstractValueAdaptingCache;

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
final class GeecacheCache extends AbstractValueAdaptingCache implements ChangedCache {
  private static final Logger log = LoggerFactory.getLogger(GeecacheCache.class);

  private final String name;
  private final Cached<String, Stored> cached;
  private final StoredCodec codec;
  private final CacheParts parts;
  private final Puts puts;

  /** Makes the cache of {@code cached}, whose values are written by {@code codec}. */
  GeecacheCache(String name, Cached<String, Stored> cached, StoredCodec codec, CacheParts parts) {
    super(codec.allowsNull());
    this.name = name;
    this.cached = cached;
    this.codec = codec;
    this.parts = parts;
    this.puts = new Puts(cached.group(), parts.transactions());
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
    return transaction != null
        && (transaction.removes(this, text) || transaction.replaces(this, text));
  }

  @Override
  protected @Nullable Object lookup(Object key) {
    Stored found = find(text(key));
    return found == null ? null : toStoreValue(found.value());
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
    LoaderCall call = new LoaderCall(loader);
    try {
      return (T) loaded(text(key), key, call);
    } catch (Exception failure) {
      if (failure instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new ValueRetrievalException(key, loader, call.ofSpring(failure));
    }
  }

  private @Nullable Object loaded(String text, Object key, LoaderCall call) throws Exception {
    if (isBypassed(text)) {
      return call.call();
    }
    if (parts.transactions().isOfUnknownAge()) {
      return loadedAlone(text, key, call);
    }
    try {
      return cached.get(text, ignored -> new Stored(call.call())).value();
    } catch (Unchecked.LoadException failure) {
      return call.callPast(failure);
    }
  }

  /**
   * Loads for this caller alone, who takes no lease, since nobody else may be given what it brings:
   * others would wait for it in vain. It is put after the commit.
   */
  private @Nullable Object loadedAlone(String text, Object key, LoaderCall call) throws Exception {
    Optional<Stored> present = cached.getIfPresent(text);
    if (present.isPresent()) {
      return present.get().value();
    }
    Object value = call.call();
    CacheTransaction transaction = parts.transactions().current();
    if (transaction != null
        && transaction.mayHaveWritten()
        && transaction.began() != null
        && !transaction.removes(this, text)) {
      transaction.putLoaded(this, text, key, bytes(value));
    }
    return value;
  }

  private ByteView bytes(@Nullable Object value) {
    return ByteView.of(codec.encode(new Stored(value)));
  }

  @Override
  public @Nullable CompletableFuture<?> retrieve(Object key) {
    String text = text(key);
    long now = parts.misses().now();
    if (isBypassed(text)) {
      parts.misses().addOfFuture(missed(text), now);
      return null;
    }
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
      return (T) loaded(text, key, new LoaderCall(() -> joined(loader.get())));
    } catch (RuntimeException failure) {
      throw failure;
    } catch (Exception failure) {
      throw new CompletionException(failure);
    }
  }

  /** Throws what the future fails with. Waits as long as others wait for it. */
  private @Nullable Object joined(CompletableFuture<?> future) throws Exception {
    try {
      long most = TimeUnit.NANOSECONDS.convert(cached.group().waitTimeout());
      return future.get(most, TimeUnit.NANOSECONDS);
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof Error error) {
        throw error;
      }
      throw failure.getCause() instanceof Exception cause ? cause : failure;
    }
  }

  @Override
  public void put(Object key, @Nullable Object value) {
    String text = text(key);
    Long missed = parts.misses().take(missed(text));
    ByteView bytes;
    try {
      bytes = bytes(value);
    } catch (RuntimeException refused) {
      errors().handleCachePutError(refused, this, key, value);
      return;
    }
    CacheTransaction transaction = waiting();
    if (transaction != null) {
      if (!transaction.removes(this, text)) {
        putIn(transaction, text, key, bytes, missed);
      }
    } else if (missed == null || !parts.transactions().hasOlderSession()) {
      putNow(text, new Put(key, bytes, missed));
    }
  }

  private void putIn(
      CacheTransaction transaction,
      String text,
      Object key,
      ByteView bytes,
      @Nullable Long missed) {
    if (missed == null) {
      transaction.put(this, text, key, bytes);
    } else if (transaction.mayHaveWritten()) {
      transaction.putLoaded(this, text, key, bytes);
    } else if (transaction.began() != null) {
      putNow(text, new Put(key, bytes, Math.min(missed, transaction.began())));
    }
  }

  @Override
  public void putNow(String text, Put put) {
    try {
      puts.run(text, put);
    } catch (RuntimeException failure) {
      errors().handleCachePutError(failure, this, put.key(), read(put.value()));
    }
  }

  @Override
  public void putLater(Map<String, Put> byText) {
    try {
      parts.threads().execute(() -> putAll(byText));
    } catch (RejectedExecutionException closed) {
      log.debug("the cache {} is closed and keeps nothing more", name);
    }
  }

  private void putAll(Map<String, Put> byText) {
    for (Map.Entry<String, Put> each : byText.entrySet()) {
      try {
        putNow(each.getKey(), each.getValue());
      } catch (RuntimeException failure) {
        log.warn("a value of the cache {} was not put after a commit", name, failure);
      }
    }
  }

  private @Nullable Object read(ByteView bytes) {
    try {
      return codec.decode(bytes.toByteArray()).value();
    } catch (Exception unreadable) {
      return null;
    }
  }

  /** Is carried out at once, also within a transaction, unless that has evicted the key. */
  @Override
  public @Nullable ValueWrapper putIfAbsent(Object key, @Nullable Object value) {
    String text = text(key);
    toStoreValue(value); // Refuses null where it is not allowed.
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
      Steps steps = new Steps();
      keys.values()
          .forEach(key -> steps.take(() -> errors().handleCacheEvictError(failure, this, key)));
      steps.end();
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
