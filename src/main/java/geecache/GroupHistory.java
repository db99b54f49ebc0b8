package geecache;

import geecache.internal.JsonWriter;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/**
 * What a group did in the last quarter of an hour, for operators: {@value #POINTS} points of {@link
 * #EVERY} each, the keys that are asked for most, and the slowest loads. Takes about 30 KiB, and
 * names at most 84 keys; keys of more than {@value KeyRoom#LONGEST_KEY} characters it leaves out.
 * Only some hits are looked at, so that a hit costs what it does without; which ones, {@link
 * HitCounter} says.
 *
 * <p>Safe for use by many threads. The points, and the choice of hits, are guarded by this; under
 * it the counters are read, and nothing waits. What is told is copied under it, and written
 * outside.
 */
final class GroupHistory {
  /** The time between two points. */
  static final Duration EVERY = Duration.ofSeconds(5);

  static final int POINTS = 180;

  /** Of more hits between two points, or since the last choice, fewer are chosen. */
  private static final int MOST_SAMPLES = 100;

  /** By how many powers of two. */
  private static final int STEP = 3;

  /** Of few hits, one in sixteen is chosen. */
  private static final int LEAST_SHIFT = 4;

  private static final int LARGEST_SHIFT = 40;

  /** What each point has, in the order in which it is told. */
  private enum Column {
    MILLIS,
    GETS,
    HITS,
    STALE,
    LOADS,
    FAILED,
    FETCHES,
    REJECTED,
    EVICTIONS,
    BYTES,
    HIT_NANOS_MEDIAN,
    HIT_NANOS99,
    FETCH_MICROS_MEDIAN,
    FETCH_MICROS99,
    LOAD_MICROS_MEDIAN,
    LOAD_MICROS99;

    /** As all fields of the status are called: {@code hitNanosMedian}. */
    private String field() {
      StringBuilder name = new StringBuilder();
      for (String word : name().split("_")) {
        String rest = word.substring(1).toLowerCase(Locale.ROOT);
        name.append(name.isEmpty() ? Character.toLowerCase(word.charAt(0)) : word.charAt(0))
            .append(rest);
      }
      return name.toString();
    }
  }

  private final IntConsumer chooseOneIn;
  private final Supplier<GroupStats> stats;
  private final Ticker ticker;
  private final TimeHistogram hitTimes = new TimeHistogram();
  private final TimeHistogram fetchTimes = new TimeHistogram();
  private final TimeHistogram loadTimes = new TimeHistogram();
  private final HotKeys hotKeys = new HotKeys();
  private final SlowLoads slowLoads = new SlowLoads(EVERY.toNanos() * POINTS);

  /** Of each column the points as a ring: point {@code n} is at {@code n % POINTS}. */
  private final Map<Column, long[]> columns = new EnumMap<>(Column.class);

  /** How many points there have been. */
  private long count;

  private GroupStats last;
  private long lastAt;

  /** One in 2^shift hits is chosen. */
  private int shift = LEAST_SHIFT;

  private int samples;

  /**
   * Begins now, and listens to the durations of the group from now on.
   *
   * @param chooseOneIn has one in 2^shift hits be looked at
   */
  GroupHistory(
      GroupDurations durations,
      Supplier<GroupStats> stats,
      IntConsumer chooseOneIn,
      Ticker ticker) {
    this.chooseOneIn = chooseOneIn;
    this.stats = stats;
    this.ticker = ticker;
    for (Column column : Column.values()) {
      columns.put(column, new long[POINTS]);
    }
    this.last = stats.get();
    this.lastAt = ticker.nanos();
    durations.loads().listen(loadTimes::add);
    durations.peerWaits().listen(fetchTimes::add);
    chooseOneIn.accept(shift);
  }

  /** Adds a hit that was chosen; it stands for all that were not. */
  void addHit(String key, long nanos) {
    hitTimes.add(nanos);
    int chosenOneIn;
    synchronized (this) {
      chosenOneIn = shift;
      if (++samples >= MOST_SAMPLES) {
        samples = 0;
        shift = Math.min(shift + STEP, LARGEST_SHIFT);
        chooseOneIn.accept(shift);
      }
    }
    addHot(key, 1L << chosenOneIn);
  }

  /** Adds gets of a key that memory did not have. */
  void addGets(String key, int gets) {
    if (gets > 0) { // No caller waits for a value that is renewed before its end.
      addHot(key, gets);
    }
  }

  private void addHot(String key, long gets) {
    if (isTold(key)) {
      hotKeys.add(key, gets);
    }
  }

  private static boolean isTold(String key) {
    return key.length() <= KeyRoom.LONGEST_KEY;
  }

  /** Adds a call of the getter that has just ended, for so many keys, of which one is named. */
  void addLoad(String key, int keys, long nanos, boolean failed) {
    if (isTold(key)) {
      slowLoads.add(key, keys, nanos, failed, ticker.nanos());
    }
  }

  /** Adds a point: what was done since the last one. Called each {@link #EVERY}, about. */
  synchronized void addPoint() {
    long now = ticker.nanos();
    GroupStats all = stats.get();
    int at = (int) (count++ % POINTS);
    long hits = hits(all) - hits(last);
    put(Column.MILLIS, at, TimeUnit.NANOSECONDS.toMillis(now - lastAt));
    put(Column.GETS, at, all.gets() - last.gets());
    put(Column.HITS, at, hits);
    put(Column.STALE, at, all.staleServed() - last.staleServed());
    put(Column.LOADS, at, all.loads() - last.loads());
    put(Column.FAILED, at, all.loadFailures() - last.loadFailures());
    put(Column.FETCHES, at, all.fetches() - last.fetches());
    put(Column.REJECTED, at, all.rejected() - last.rejected());
    put(Column.EVICTIONS, at, all.evictions() - last.evictions());
    put(Column.BYTES, at, all.bytes());
    TimeHistogram.Snapshot hit = hitTimes.take();
    put(Column.HIT_NANOS_MEDIAN, at, hit.within(0.5));
    put(Column.HIT_NANOS99, at, hit.within(0.99));
    putMicros(Column.FETCH_MICROS_MEDIAN, Column.FETCH_MICROS99, at, fetchTimes.take());
    putMicros(Column.LOAD_MICROS_MEDIAN, Column.LOAD_MICROS99, at, loadTimes.take());
    hotKeys.fade(now - lastAt);
    slowLoads.forgetOld(now);
    last = all;
    lastAt = now;
    samples = 0;
    int needed = Long.SIZE - Long.numberOfLeadingZeros(hits / MOST_SAMPLES);
    shift = Math.max(LEAST_SHIFT, needed);
    chooseOneIn.accept(shift);
  }

  private static long hits(GroupStats stats) {
    return stats.mainHits() + stats.hotHits();
  }

  private void put(Column column, int at, long value) {
    columns.get(column)[at] = value;
  }

  /** Times of less than a microsecond count as one, so that 0 means that there were none. */
  private void putMicros(Column median, Column most, int at, TimeHistogram.Snapshot times) {
    put(median, at, micros(times.within(0.5)));
    put(most, at, micros(times.within(0.99)));
  }

  private static long micros(long nanos) {
    return (nanos + 999) / 1_000;
  }

  /**
   * Writes the last points, the keys that are asked for most and the slowest loads.
   *
   * @param points how many at most
   */
  void write(int points, JsonWriter to) {
    long now = ticker.nanos();
    Copied copied = copy(points, now);
    to.object("history", () -> copied.write(to));
    KeyRoom room = new KeyRoom();
    hotKeys.write(copied.agoNanos, room, to);
    slowLoads.write(now, room, to);
  }

  private synchronized Copied copy(int points, long now) {
    long first = Math.max(0, count - Math.min(points, POINTS));
    Map<Column, long[]> lately = new EnumMap<>(Column.class);
    columns.forEach(
        (column, values) ->
            lately.put(
                column,
                LongStream.range(first, count)
                    .map(point -> values[(int) (point % POINTS)])
                    .toArray()));
    return new Copied(count, Math.max(0, now - lastAt), lately);
  }

  /** The last points as they were at one moment. For one thread. */
  private record Copied(long last, long agoNanos, Map<Column, long[]> columns) {
    void write(JsonWriter to) {
      to.field("everyMillis", EVERY.toMillis());
      to.field("last", last);
      to.field("agoMillis", TimeUnit.NANOSECONDS.toMillis(agoNanos));
      columns.forEach((column, values) -> to.numbers(column.field(), LongStream.of(values)));
    }
  }
}
