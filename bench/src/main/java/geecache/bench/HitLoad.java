package geecache.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks for keys in memory at a fixed rate on a few connections. A latency counts from when the
 * request was due, so that a server that stalls is not asked less for it.
 */
final class HitLoad {
  private static final int CONNECTIONS = 8;
  private static final int KEYS = 1000;
  private static final long GAP_NANOS = TimeUnit.MILLISECONDS.toNanos(8);

  private final int port;

  HitLoad(int port) {
    this.port = port;
  }

  /** Brings all keys into memory. */
  void fill() throws IOException {
    try (Wire wire = new Wire(port)) {
      for (int key = 0; key < KEYS; key++) {
        wire.get("hits/key-" + key, "");
      }
    }
  }

  /** Returns the time within which 99 % of the answers came, in milliseconds. */
  double p99(int millis) throws IOException, InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS);
    try {
      List<Future<long[]>> parts = new ArrayList<>();
      long start = System.nanoTime();
      for (int i = 0; i < CONNECTIONS; i++) {
        long first = start + GAP_NANOS * i / CONNECTIONS;
        parts.add(threads.submit(() -> latencies(first, millis)));
      }
      List<long[]> all = new ArrayList<>();
      for (Future<long[]> part : parts) {
        all.add(part.get());
      }
      long[] sorted = all.stream().flatMapToLong(Arrays::stream).sorted().toArray();
      return sorted[(int) Math.ceil(sorted.length * 0.99) - 1] / 1e6;
    } catch (ExecutionException failure) {
      throw new IOException(failure.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private long[] latencies(long first, int millis) throws IOException {
    long[] latencies = new long[(int) (TimeUnit.MILLISECONDS.toNanos(millis) / GAP_NANOS)];
    try (Wire wire = new Wire(port)) {
      for (int i = 0; i < latencies.length; i++) {
        long due = first + GAP_NANOS * i;
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        int key = ThreadLocalRandom.current().nextInt(KEYS);
        wire.get("hits/key-" + key, "geecache; hit");
        latencies[i] = System.nanoTime() - due;
      }
    }
    return latencies;
  }
}
