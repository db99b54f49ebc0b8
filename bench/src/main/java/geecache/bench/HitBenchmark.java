package geecache.bench;

import com.github.benmanes.caffeine.cache.Cache;
import com.sun.management.ThreadMXBean;
import geecache.ByteView;
import geecache.CacheException;
import geecache.Cached;
import geecache.Group;
import geecache.GroupStats;
import geecache.bench.HitCaches.Sides;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/**
 * One pair of {@link Hit}, as {@link HitCaches.Sides} says: both sides in turns of 10 ms, which all
 * threads take by the clock. So whatever else the machine does disturbs both sides alike, and what
 * a side costs is read from each thread's processor time. A file has a line for each pair.
 */
@State(Scope.Benchmark)
public class HitBenchmark {
  static final String REPORT = "geecache.bench.report";
  static final String PAIR_MILLIS = "geecache.bench.pair-millis";

  private static final int RAW = 0;
  private static final int GROUP = 1;
  private static final int BATCH = 256;
  private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long PAIR_NANOS =
      TimeUnit.MILLISECONDS.toNanos(Long.getLong(PAIR_MILLIS, 1000));
  private static final ThreadMXBean ACCOUNTS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Where a thread stands among the keys. */
  @State(Scope.Thread)
  public static class Position {
    private int next = ThreadLocalRandom.current().nextInt(HitCaches.PICKS);
  }

  private final String[] picked = HitCaches.PICKED;
  private final Group group = HitCaches.GROUP;
  private final Group measured = HitCaches.measured();
  private final Cache<String, ByteView> raw = HitCaches.RAW;
  private final Cached<String, String> typed = HitCaches.TYPED_GROUP;

  /** By side, over all threads. */
  private final AtomicLongArray calls = new AtomicLongArray(2);

  private final AtomicLongArray nanos = new AtomicLongArray(2);
  private final AtomicLongArray bytes = new AtomicLongArray(2);
  private long start;
  private long allCalls;

  /** Starts the clock by which the threads take turns. */
  @Setup(Level.Iteration)
  public void start() {
    start = System.nanoTime();
  }

  /** The pair, on one of its threads. */
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  public void pair(Position position, Blackhole blackhole) throws CacheException {
    for (long now = System.nanoTime(); now - start < PAIR_NANOS; now = System.nanoTime()) {
      long turn = (now - start) / TURN_NANOS;
      int side = (int) (turn & 1);
      turn(side, start + (turn + 1) * TURN_NANOS, position, blackhole);
    }
  }

  private void turn(int side, long end, Position position, Blackhole blackhole)
      throws CacheException {
    long nanosBefore = ACCOUNTS.getCurrentThreadCpuTime();
    long bytesBefore = ACCOUNTS.getCurrentThreadAllocatedBytes();
    long batches = 0;
    do {
      if (side == GROUP && HitCaches.SIDES == Sides.TYPED) {
        typed(position, blackhole);
      } else if (side == GROUP) {
        hits(measured, position, blackhole);
      } else if (HitCaches.SIDES == Sides.RAW) {
        raw(position, blackhole);
      } else {
        hits(group, position, blackhole);
      }
      batches++;
    } while (System.nanoTime() - end < 0);
    long bytesAfter = ACCOUNTS.getCurrentThreadAllocatedBytes();
    nanos.addAndGet(side, ACCOUNTS.getCurrentThreadCpuTime() - nanosBefore);
    bytes.addAndGet(side, bytesAfter - bytesBefore);
    calls.addAndGet(side, batches * BATCH);
  }

  private void raw(Position position, Blackhole blackhole) {
    int next = position.next;
    for (int i = 0; i < BATCH; i++) {
      blackhole.consume(raw.getIfPresent(picked[next++ & HitCaches.PICKS - 1]));
    }
    position.next = next;
  }

  private void hits(Group of, Position position, Blackhole blackhole) throws CacheException {
    int next = position.next;
    for (int i = 0; i < BATCH; i++) {
      blackhole.consume(of.get(picked[next++ & HitCaches.PICKS - 1]));
    }
    position.next = next;
  }

  private void typed(Position position, Blackhole blackhole) {
    int next = position.next;
    for (int i = 0; i < BATCH; i++) {
      blackhole.consume(typed.get(picked[next++ & HitCaches.PICKS - 1]));
    }
    position.next = next;
  }

  /** Writes calls and nanoseconds of raw Caffeine, those of geecache, and the bytes of each. */
  @TearDown(Level.Iteration)
  public void report() throws IOException {
    requireHitsCounted();
    String line =
        "%d %d %d %d %d %d%n"
            .formatted(
                calls.getAndSet(RAW, 0),
                nanos.getAndSet(RAW, 0),
                calls.getAndSet(GROUP, 0),
                nanos.getAndSet(GROUP, 0),
                bytes.getAndSet(RAW, 0),
                bytes.getAndSet(GROUP, 0));
    Files.writeString(Path.of(System.getProperty(REPORT)), line, StandardOpenOption.APPEND);
  }

  /** A counter that loses hits would be fast, and wrong. */
  private void requireHitsCounted() {
    allCalls += calls.get(GROUP);
    GroupStats stats = measured.stats();
    if (stats.mainHits() - HitCaches.HITS_BEFORE != allCalls) {
      throw new AssertionError(allCalls + " hits were made, and counted: " + stats);
    }
  }
}
