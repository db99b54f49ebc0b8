package geecache.spring;

import geecache.Cached;
import geecache.Geecache;
import geecache.GroupBuilder;
import geecache.Ticker;
import geecache.codec.Codec;
import geecache.codec.KeyCodec;
import geecache.internal.DaemonThreads;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.interceptor.CacheErrorHandler;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.util.ClassUtils;

/**
 * Spring's caches over one node, each a group of the same name. A cache is made when it is first
 * asked for. {@code @Cacheable(sync = true)} then loads a key once in the whole cluster. A node has
 * one such manager. Safe for use by many threads.
 *
 * <p>With Spring Boot, {@link GeecacheAutoConfiguration} makes it.
 */
public final class GeecacheCacheManager implements CacheManager, DisposableBean {
  /** Of values that are retrieved without blocking; others wait for their turn. */
  private static final int MOST_THREADS = 256;

  private final Function<? super String, GroupBuilder> groups;
  private final Codec<Object> values;
  private final boolean nullValues;
  private final CacheParts parts;
  private final ExecutorService threads;
  private final Map<String, Cache> caches = new ConcurrentHashMap<>();

  private GeecacheCacheManager(Builder builder) {
    this.groups = builder.groups;
    this.values = Objects.requireNonNull(builder.values.get());
    this.nullValues = builder.nullValues;
    Transactions transactions = builder.transactions();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            MOST_THREADS,
            MOST_THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new DaemonThreads("geecache-spring-"));
    pool.allowCoreThreadTimeOut(true);
    this.threads = pool;
    this.parts =
        new CacheParts(
            new CacheKeys(builder.keys),
            transactions,
            new Misses(Ticker.system()),
            builder.transactionAware,
            threads,
            builder.errors);
    builder.node.transactionAge(transactions);
  }

  /**
   * Begins the description of a manager over {@code node}, which it does not close.
   *
   * @param packages the packages whose classes the values may be of, as in {@link
   *     Codec#jsonOfPackages}; not used if {@link Builder#values} is called
   */
  public static Builder builder(Geecache node, Collection<String> packages) {
    return new Builder(node, packages);
  }

  /**
   * Returns the cache of that name, which is made if there is none.
   *
   * @throws IllegalArgumentException if a group cannot have that name
   * @throws IllegalStateException if a group with a getter has that name, or the node is closed
   */
  @Override
  public Cache getCache(String name) {
    Cache known = caches.get(name);
    return known != null ? known : caches.computeIfAbsent(name, this::made);
  }

  private Cache made(String name) {
    StoredCodec codec = new StoredCodec(name, values, nullValues);
    Cached<String, Stored> cached;
    try {
      cached = groups.apply(name).typed(KeyCodec.text(), codec).register();
    } catch (IllegalArgumentException | IllegalStateException refused) {
      String why = "there can be no cache " + name + ": " + refused.getMessage();
      throw refused instanceof IllegalArgumentException
          ? new IllegalArgumentException(why, refused)
          : new StartFailure(
              why, "A cache is a group without a source: name one of the two otherwise", refused);
    }
    return new GeecacheCache(name, cached, codec, parts);
  }

  @Override
  public Collection<String> getCacheNames() {
    return List.copyOf(caches.keySet());
  }

  /** Ends the threads that wait for values; the node is closed by its maker. */
  @Override
  public void destroy() {
    threads.shutdownNow();
  }

  /** Sets what a manager needs to know. Everything has a default. For one thread. */
  public static final class Builder {
    private final Geecache node;
    private final List<KeyText> keys = new ArrayList<>();
    private @Nullable Transactions transactions;
    private boolean transactionAware = true;
    private boolean nullValues = true;
    private Supplier<CacheErrorHandler> errors;
    private Function<? super String, GroupBuilder> groups;
    private Supplier<Codec<Object>> values;

    private Builder(Geecache node, Collection<String> packages) {
      this.node = Objects.requireNonNull(node);
      this.groups = node::group;
      List<String> allowed = List.copyOf(packages);
      this.values = () -> json(allowed);
      CacheErrorHandler logged = new LoggedChanges();
      this.errors = () -> logged;
    }

    private static Codec<Object> json(List<String> packages) {
      try {
        return Codec.jsonOfPackages(packages, loader());
      } catch (IllegalStateException noJackson) {
        throw new StartFailure(
            "caches have no form for their values: " + noJackson.getMessage(),
            "Add Jackson (spring-boot-starter-json has it), or define a bean of type"
                + " geecache.codec.Codec<Object>",
            noJackson);
      }
    }

    private static ClassLoader loader() {
      ClassLoader ofThread = Thread.currentThread().getContextClassLoader();
      return ofThread != null
          ? ofThread
          : Objects.requireNonNull(GeecacheCacheManager.class.getClassLoader());
    }

    /** How values become bytes, in place of JSON. */
    public Builder values(Codec<Object> codec) {
      Objects.requireNonNull(codec);
      values = () -> codec;
      return this;
    }

    /** What names keys of the application's own classes. May be called several times. */
    public Builder keys(KeyText text) {
      keys.add(Objects.requireNonNull(text));
      return this;
    }

    /**
     * Whether evicts and puts within a transaction wait for its commit. Default true. The
     * transaction manager should be {@link #transactionsOf} this, or values that are loaded within
     * a transaction are not stored.
     */
    public Builder transactionAware(boolean aware) {
      transactionAware = aware;
      return this;
    }

    /**
     * Whether null is a value like others, so that what is absent is loaded once. Default true. If
     * not, null is refused with an {@link IllegalArgumentException}: use {@code unless = "#result
     * == null"}.
     */
    public Builder allowNullValues(boolean allow) {
      nullValues = allow;
      return this;
    }

    /** Has {@code manager} tell when its transactions begin. */
    public Builder transactionsOf(ConfigurableTransactionManager manager) {
      SpringTransactions.listen(manager, transactions());
      return this;
    }

    /** Those of Spring, if the application has its transactions on the class path. */
    private Transactions transactions() {
      if (transactions == null) {
        transactions =
            ClassUtils.isPresent(
                    "org.springframework.transaction.ConfigurableTransactionManager",
                    GeecacheCacheManager.class.getClassLoader())
                ? SpringTransactions.ofSystem()
                : new Transactions(Ticker.system());
      }
      return transactions;
    }

    /** Takes those of which transaction managers tell already. */
    Builder transactions(Transactions known) {
      transactions = known;
      return this;
    }

    /**
     * What is told of a change that did not reach all nodes. By default it is logged as a warning,
     * and the caller goes on.
     */
    public Builder errorHandler(CacheErrorHandler handler) {
      Objects.requireNonNull(handler);
      return errorHandler(() -> handler);
    }

    Builder errorHandler(Supplier<@Nullable CacheErrorHandler> handler) {
      CacheErrorHandler logged = new LoggedChanges();
      errors = () -> Objects.requireNonNullElse(handler.get(), logged);
      return this;
    }

    /**
     * What begins the description of the group of each cache: its time to live, its bytes. By
     * default all have the defaults of {@link GroupBuilder}.
     */
    public Builder groups(Function<? super String, GroupBuilder> description) {
      groups = Objects.requireNonNull(description);
      return this;
    }

    /**
     * Makes the manager.
     *
     * @throws IllegalStateException if values are to be JSON, and there is no Jackson
     */
    public GeecacheCacheManager build() {
      return new GeecacheCacheManager(this);
    }
  }
}
