package geecache;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Threads that stand for callers; all have ended when it is closed. */
public final class Callers implements AutoCloseable {
  private final List<Thread> threads = new ArrayList<>();

  /** Calls {@code task} on a thread of its own. */
  public <T> CompletableFuture<T> call(Callable<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(task.call());
              } catch (Throwable failure) {
                result.completeExceptionally(failure);
              }
            });
    threads.add(thread);
    thread.start();
    return result;
  }

  /** Returns the thread that the last call was made on. */
  public Thread last() {
    return threads.get(threads.size() - 1);
  }

  /** Waits for {@code result}, and returns it or throws what the task threw. */
  public static <T> T result(CompletableFuture<T> result) throws Exception {
    try {
      return result.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw failure;
    }
  }

  @Override
  public void close() {
    for (Thread thread : threads) {
      try {
        thread.join(TimeUnit.SECONDS.toMillis(60));
      } catch (InterruptedException interrupt) {
        Thread.currentThread().interrupt();
      }
      if (thread.isAlive()) {
        throw new AssertionError("a caller still waits: " + thread);
      }
    }
  }
}
