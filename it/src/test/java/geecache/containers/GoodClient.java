package geecache.containers;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client that means well: it asks for one key again and again, each time on a new connection,
 * while others attack.
 */
final class GoodClient implements AutoCloseable {
  private final Wire wire;
  private final String target;
  private final Thread thread = new Thread(this::run, "good-client");

  /** Guarded by this, as all below. */
  private final List<String> faults = new ArrayList<>();

  private long slowest;
  private int count;
  private boolean over;

  GoodClient(Wire wire, String target) {
    this.wire = wire;
    this.target = target;
    thread.start();
  }

  private void run() {
    while (!isOver()) {
      long begun = System.nanoTime();
      @Nullable String fault;
      try {
        Answer answer = wire.get(target);
        fault = answer.code() == 200 && answer.text().equals("630") ? null : answer.toString();
      } catch (IOException failure) {
        fault = failure.toString();
      }
      note(System.nanoTime() - begun, fault);
    }
  }

  private synchronized boolean isOver() {
    return over;
  }

  private synchronized void note(long nanos, @Nullable String fault) {
    slowest = Math.max(slowest, nanos);
    count++;
    if (fault != null) {
      faults.add(fault);
    }
    notifyAll();
  }

  /** Waits until so many more gets than now were answered. */
  synchronized void awaitMore(int more) throws InterruptedException {
    int enough = count + more;
    while (count < enough) {
      wait();
    }
  }

  /** Returns the answers that were wrong, and what went wrong with others. */
  synchronized List<String> faults() {
    return List.copyOf(faults);
  }

  synchronized long slowestMillis() {
    return TimeUnit.NANOSECONDS.toMillis(slowest);
  }

  synchronized int count() {
    return count;
  }

  @Override
  public void close() {
    synchronized (this) {
      over = true;
    }
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt(); // It ends with its last get.
    }
  }
}
