package geecache.internal;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * How a thread waits for a future. A node waits nowhere else but here, so that a simulation of
 * whole clusters can let another thread run instead.
 */
public interface Waiting {
  /** Waits for real time to pass, as the methods of {@link CompletableFuture} do. */
  Waiting REAL =
      new Waiting() {
        @Override
        public <T> T get(CompletableFuture<T> future, long nanos)
            throws InterruptedException, ExecutionException, TimeoutException {
          return future.get(nanos, TimeUnit.NANOSECONDS);
        }

        @Override
        public <T> T join(CompletableFuture<T> future) {
          return future.join();
        }
      };

  /** Waits at most {@code nanos} nanoseconds, as {@link CompletableFuture#get(long, TimeUnit)}. */
  <T> T get(CompletableFuture<T> future, long nanos)
      throws InterruptedException, ExecutionException, TimeoutException;

  /** Waits as {@link CompletableFuture#join} does, interrupted or not. */
  <T> T join(CompletableFuture<T> future);
}
