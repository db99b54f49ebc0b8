package geecache.spring;

import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.springframework.cache.interceptor.CacheErrorHandler;

/**
 * What the caches of one manager share.
 *
 * @param threads wait for values that are retrieved without blocking
 * @param errors is asked at each failure, since the application's handler may be made late
 */
record CacheParts(
    CacheKeys keys,
    Transactions transactions,
    Misses misses,
    boolean transactionAware,
    Executor threads,
    Supplier<CacheErrorHandler> errors) {}
