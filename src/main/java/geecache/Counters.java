package geecache;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;

/** The counters of a group; read as {@link GroupStats}. */
final class Counters {
  final HitCounter hits = new HitCounter();
  final LongAdder hotHits = new LongAdder();
  final LongAdder misses = new LongAdder();
  final LongAdder loads = new LongAdder();
  final LongAdder loadsDeduplicated = new LongAdder();
  final LongAdder fetches = new LongAdder();
  final LongAdder fetchesDeduplicated = new LongAdder();
  final LongAdder fetchesInVain = new LongAdder();
  final LongAdder fetchFailures = new LongAdder();
  final LongAdder peeks = new LongAdder();
  final LongAdder peekHits = new LongAdder();
  final LongAdder loadFailures = new LongAdder();
  final LongAdder absent = new LongAdder();
  final LongAdder refreshes = new LongAdder();
  final LongAdder staleServed = new LongAdder();
  final LongAdder evictions = new LongAdder();
  final LongAdder rejected = new LongAdder();
  final LongAdder unwanted = new LongAdder();
  final LongAdder notHeld = new LongAdder();
  final LongAdder tooLarge = new LongAdder();
  final LongAdder unreadable = new LongAdder();
  final LongAdder leases = new LongAdder();
  final LongAdder leaseLoads = new LongAdder();
  final LongAdder leasesRanOut = new LongAdder();
  final LongAdder leasesRefused = new LongAdder();
  final LongAdder unfilled = new LongAdder();
  final LongAdder puts = new LongAdder();
  final LongAdder sets = new LongAdder();
  final LongAdder removals = new LongAdder();
  final LongAdder clears = new LongAdder();
  final GroupDurations durations = new GroupDurations();
  private final LongAdder[] loadTimes = new LongAdder[GroupStats.LOAD_TIME_BUCKETS];

  Counters() {
    for (int i = 0; i < loadTimes.length; i++) {
      loadTimes[i] = new LongAdder();
    }
  }

  /**
   * Counts the time of one load: bucket i has the loads of less than 2^i microseconds that no
   * smaller bucket has.
   */
  void countLoadTime(long nanos) {
    long micros = TimeUnit.NANOSECONDS.toMicros(Math.max(0, nanos));
    int bucket = Long.SIZE - Long.numberOfLeadingZeros(micros);
    loadTimes[Math.min(bucket, loadTimes.length - 1)].increment();
  }

  /** Counts a hit; of a copy, which the owner of its key is told of, there too. */
  void countHit(Entry entry) {
    if (entry instanceof Entry.Copy copy) {
      hotHits.increment();
      copy.countHit();
    } else {
      hits.increment();
    }
  }

  GroupStats snapshot(
      long entries,
      long bytes,
      long hotEntries,
      long hotBytes,
      long maxBytes,
      int getsWaiting,
      int loadsRunning,
      int loadsWaiting) {
    long mainHitsNow = hits.sum();
    long hotHitsNow = hotHits.sum();
    return new GroupStats(
        mainHitsNow + hotHitsNow + misses.sum(),
        mainHitsNow,
        hotHitsNow,
        fetches.sum(),
        fetchesDeduplicated.sum(),
        fetchesInVain.sum(),
        fetchFailures.sum(),
        loads.sum(),
        loadsDeduplicated.sum(),
        peeks.sum(),
        peekHits.sum(),
        loadFailures.sum(),
        absent.sum(),
        refreshes.sum(),
        staleServed.sum(),
        evictions.sum(),
        rejected.sum(),
        unwanted.sum(),
        notHeld.sum(),
        tooLarge.sum(),
        unreadable.sum(),
        leases.sum(),
        leaseLoads.sum(),
        leasesRanOut.sum(),
        leasesRefused.sum(),
        unfilled.sum(),
        puts.sum(),
        sets.sum(),
        removals.sum(),
        clears.sum(),
        entries,
        bytes,
        hotEntries,
        hotBytes,
        maxBytes,
        getsWaiting,
        loadsRunning,
        loadsWaiting,
        LongStream.range(0, loadTimes.length).map(i -> loadTimes[(int) i].sum()).boxed().toList());
  }
}
