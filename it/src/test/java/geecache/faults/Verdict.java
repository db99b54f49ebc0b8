package geecache.faults;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import geecache.faults.Event.Change;
import geecache.faults.Event.Get;
import geecache.faults.Event.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the oracle found.
 *
 * @param gets all that were begun
 * @param counts of those that count, by what was found
 * @param changes those that all nodes acknowledged
 * @param partial those that some node missed, or of which it is not known
 * @param ideal the calls of the source that the gets need at least
 * @param p99 of the times of gets that count, in nanoseconds
 * @param longest of them
 * @param latest the last get of each finding
 * @param breaches the gets that broke a promise, with what they broke
 */
record Verdict(
    Oracle.Bounds bounds,
    long gets,
    Map<Finding, Long> counts,
    Map<Kind, Long> changes,
    Map<Kind, Long> partial,
    long ideal,
    long p99,
    long longest,
    Map<Finding, Get> latest,
    List<Breach> breaches) {

  /** What is said of a get that counts: the first that applies. */
  enum Finding {
    FAILED("failed"),
    WRONG("another value than the source ever had for the key"),
    STALE("an older value than its bound allows"),
    RISEN("the value of a set that had failed before a later change"),
    LATE("past its deadline"),
    /** An older value than that of a change which did not reach the node, or not known to. */
    EXCUSED("an older value, within its bound"),
    /** It would have been stale with the value before, as the next two. */
    RIGHT_AFTER_REMOVAL("right, shortly after a removal"),
    RIGHT_AFTER_SET("right, shortly after a set"),
    RIGHT_AFTER_BULK("right, shortly after a removal in bulk"),
    /** It would have been risen with the value before. */
    RIGHT_AFTER_FAILED_SET("right, shortly after a change after a set that failed"),
    RIGHT("right");

    private final String text;

    Finding(String text) {
      this.text = text;
    }

    boolean isBreach() {
      return ordinal() < EXCUSED.ordinal();
    }
  }

  /** A get that broke a promise. */
  record Breach(Finding finding, Get get) {
    @Override
    public String toString() {
      return finding.text + ": " + get;
    }
  }

  boolean isGood() {
    return breaches.isEmpty();
  }

  long count(Finding finding) {
    return counts.getOrDefault(finding, 0L);
  }

  long succeeded(Kind kind) {
    return changes.getOrDefault(kind, 0L);
  }

  long partial(Kind kind) {
    return partial.getOrDefault(kind, 0L);
  }

  long counted() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Returns the line that a run ends with.
   *
   * @param calls of the source
   */
  String line(long calls) {
    return ("%d gets, %d removals, %d sets, %d wrong values, %d failed gets, %d gets past their deadline"
            + " of %d ms, %d stale reads past their bound (none in contact; else %d s, with %d s of"
            + " detection: %d), %d values of failed sets after a later change, %d getter calls"
            + " beyond the ideal %d, p99 %d ms, maximum %d ms")
        .formatted(
            counted(),
            succeeded(Kind.REMOVAL),
            succeeded(Kind.SET),
            count(Finding.WRONG),
            count(Finding.FAILED),
            count(Finding.LATE),
            bounds.deadline().toMillis(),
            count(Finding.STALE),
            bounds.timeToLive().plus(bounds.detection()).toSeconds(),
            bounds.detection().toSeconds(),
            count(Finding.EXCUSED),
            count(Finding.RISEN),
            calls - ideal,
            ideal,
            NANOSECONDS.toMillis(p99),
            NANOSECONDS.toMillis(longest));
  }

  /** Adds up. For use by one thread. */
  static final class Count {
    private final Map<Finding, Long> counts = new EnumMap<>(Finding.class);
    private final Map<Finding, Get> latest = new EnumMap<>(Finding.class);
    private final List<Breach> breaches = new ArrayList<>();
    private final Map<Kind, Long> changes = new EnumMap<>(Kind.class);
    private final Map<Kind, Long> partial = new EnumMap<>(Kind.class);
    private long[] times = new long[1 << 16];
    private int counted;
    private long gets;

    /**
     * Adds a get; they come in the order of their begin.
     *
     * @param finding null if it does not count
     */
    void add(Get get, @Nullable Finding finding) {
      gets++;
      if (finding == null) {
        return;
      }
      counts.merge(finding, 1L, Long::sum);
      latest.put(finding, get);
      if (finding.isBreach()) {
        breaches.add(new Breach(finding, get));
      }
      if (counted == times.length) {
        times = Arrays.copyOf(times, 2 * counted);
      }
      times[counted++] = get.end() - get.begin();
    }

    void add(Change change) {
      (change.succeeded() ? changes : partial).merge(change.kind(), 1L, Long::sum);
    }

    Verdict verdict(Oracle.Bounds bounds, long ideal) {
      long[] sorted = Arrays.copyOf(times, counted);
      Arrays.sort(sorted);
      return new Verdict(
          bounds,
          gets,
          counts,
          changes,
          partial,
          ideal,
          counted == 0 ? 0 : sorted[(int) (counted * 0.99)],
          counted == 0 ? 0 : sorted[counted - 1],
          latest,
          breaches);
    }
  }
}
