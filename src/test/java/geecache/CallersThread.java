package geecache;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** An executor service without threads: {@code run} runs each task. */
final class CallersThread extends AbstractExecutorService {
  private final Executor run;

  CallersThread(Executor run) {
    this.run = run;
  }

  @Override
  public void execute(Runnable task) {
    run.execute(task);
  }

  @Override
  public void shutdown() {}

  @Override
  public List<Runnable> shutdownNow() {
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return true;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return true;
  }
}
