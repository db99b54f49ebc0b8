package geecache.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.DoubleStream;

/**
 * {@code bench/run wakes}: 64 threads, each of which parks until one more has seen to it, again and
 * again. No blocking get from another process can be answered more often than that goes, and it
 * depends on how far the processors are apart, so that is measured before and after each interval.
 */
final class Wakes {
  private static final int CALLERS = 64;
  private static final int WARM_UP_INTERVALS = 4;
  private static final long INTERVAL_MILLIS = 600;

  /** What takes a line up to this long is near, in nanoseconds. */
  private static final long NEAR = 250;

  private static final class Call {
    final Thread caller = Thread.currentThread();

    /** Written once by the server. */
    volatile boolean done;
  }

  private final Queue<Call> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean idle = new AtomicBoolean();

  /** Written by the thread that measures, read by the others, who may be a call late to see it. */
  private volatile boolean over;

  private Wakes() {}

  public static void main(String[] arguments) throws InterruptedException {
    int intervals = Arguments.of(arguments).quick() ? 20 : 70;
    System.out.printf(
        "%d threads park until one more unparks them; %d intervals of %d ms; no goal%n",
        CALLERS, intervals, INTERVAL_MILLIS);
    for (int i = 0; i < WARM_UP_INTERVALS; i++) {
      new Wakes().rate();
    }
    List<Double> near = new ArrayList<>();
    List<Double> far = new ArrayList<>();
    long before = LineTransfer.nanos();
    for (int i = 0; i < intervals; i++) {
      double rate = new Wakes().rate();
      long after = LineTransfer.nanos();
      System.out.printf(
          "a line there and back before: %d ns, after: %d ns; %,.0f wakes a second%n",
          before, after, rate);
      if (Math.max(before, after) <= NEAR) {
        near.add(rate);
      } else if (Math.min(before, after) > NEAR) {
        far.add(rate);
      }
      before = after;
    }
    print("up to", near);
    print("more than", far);
    System.out.printf("RESULT wakes near=%s far=%s%n", median(near), median(far));
  }

  private static void print(String name, List<Double> rates) {
    double[] sorted = sorted(rates);
    if (sorted.length > 0) {
      System.out.printf(
          "%s %d ns: %d intervals with %,.0f to %,.0f wakes a second%n",
          name, NEAR, sorted.length, sorted[0], sorted[sorted.length - 1]);
    }
  }

  private static String median(List<Double> rates) {
    double[] sorted = sorted(rates);
    return sorted.length == 0
        ? "n/a"
        : String.format(Locale.ROOT, "%.0f", sorted[sorted.length / 2]);
  }

  private static double[] sorted(List<Double> rates) {
    return rates.stream().flatMapToDouble(DoubleStream::of).sorted().toArray();
  }

  private double rate() throws InterruptedException {
    Thread server = new Thread(this::serve);
    server.start();
    long[] calls = new long[CALLERS];
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      int own = i;
      callers.add(new Thread(() -> calls[own] = call(server)));
    }
    long start = System.nanoTime();
    callers.forEach(Thread::start);
    TimeUnit.MILLISECONDS.sleep(INTERVAL_MILLIS);
    over = true;
    long total = 0;
    for (int i = 0; i < CALLERS; i++) {
      callers.get(i).join();
      total += calls[i];
    }
    double rate = total * 1e9 / (System.nanoTime() - start);
    server.interrupt(); // Nobody waits any more.
    server.join();
    return rate;
  }

  private long call(Thread server) {
    long calls = 0;
    for (; !over; calls++) {
      Call call = new Call();
      waiting.add(call);
      if (idle.get() && idle.compareAndSet(true, false)) {
        LockSupport.unpark(server);
      }
      while (!call.done) {
        LockSupport.park();
      }
    }
    return calls;
  }

  private void serve() {
    while (!Thread.interrupted()) {
      Call call = waiting.poll();
      if (call != null) {
        call.done = true;
        LockSupport.unpark(call.caller);
        continue;
      }
      idle.set(true);
      if (waiting.isEmpty()) {
        LockSupport.park();
      }
      idle.set(false);
    }
  }
}
