package geecache.faults;

import geecache.faults.Event.Get;
import geecache.faults.Event.Removal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Judges a journal: which gets count, and what they should have seen. The rules, and why they are
 * these, are in {@code docs/faults.md}.
 */
final class Oracle {
  /**
   * What the nodes promise.
   *
   * @param deadline of a get
   * @param timeToLive after which no value of before is left, wherever it is
   * @param detection how long nodes that can reach each other may take to find that out, and to
   *     tell what was missed
   */
  record Bounds(Duration deadline, Duration timeToLive, Duration detection) {
    long stale() {
      return timeToLive.plus(detection).toNanos();
    }
  }

  /** Longer than any removal takes. */
  private static final long LONGEST_REMOVAL = Duration.ofSeconds(60).toNanos();

  private final Bounds bounds;
  private final Times times;
  private final Map<String, Key> keys = new HashMap<>();

  private Oracle(List<Event> journal, Bounds bounds) {
    this.bounds = bounds;
    this.times = new Times(only(journal, Event.Note.class));
    Map<String, List<Removal>> removals = new HashMap<>();
    only(journal, Removal.class)
        .forEach(r -> removals.computeIfAbsent(r.key(), k -> new ArrayList<>()).add(r));
    removals.forEach((key, its) -> keys.put(key, new Key(its)));
  }

  static Verdict judge(List<Event> journal, Bounds bounds) {
    Oracle oracle = new Oracle(journal, bounds);
    List<Get> gets = only(journal, Get.class);
    Verdict.Count count = new Verdict.Count();
    for (Get get : gets) {
      count.add(get, oracle.times.well(get.node(), get.begin(), get.end()) ? oracle.of(get) : null);
    }
    only(journal, Removal.class).forEach(count::add);
    return count.verdict(bounds, ideal(gets, bounds.timeToLive().toNanos()));
  }

  private static <E extends Event> List<E> only(List<Event> journal, Class<E> type) {
    return journal.stream()
        .filter(type::isInstance)
        .map(type::cast)
        .sorted(Comparator.comparingLong(Event::begin))
        .toList();
  }

  /** What is wrong with a get that counts. */
  private Verdict.Finding of(Get get) {
    Key key = keys.get(get.key());
    if (get.failed()) {
      return Verdict.Finding.FAILED;
    }
    if (get.version() < 0 || get.version() > (key == null ? 0 : key.newest(get.end()))) {
      return Verdict.Finding.WRONG;
    }
    boolean late = get.end() - get.begin() > bounds.deadline().toNanos();
    if (key != null && get.version() < key.due(get)) {
      return Verdict.Finding.STALE;
    }
    if (late) {
      return Verdict.Finding.LATE;
    }
    if (key != null && get.version() < key.removed(get)) {
      return Verdict.Finding.EXCUSED;
    }
    return key != null && key.wasRemovedLately(get)
        ? Verdict.Finding.RIGHT_AFTER_REMOVAL
        : Verdict.Finding.RIGHT;
  }

  /** Everything that was done to one key. */
  private final class Key {
    private final List<Removal> byEnd;

    /** The changes of the source by their begin, and the greatest version up to each. */
    private final long[] changing;

    private final long[] newest;

    /** The changes by the time at which they were over, and the greatest version up to each. */
    private final long[] changed;

    private final long[] oldest;

    Key(List<Removal> removals) {
      byEnd = removals.stream().sorted(Comparator.comparingLong(Removal::end)).toList();
      List<Removal> byChange =
          removals.stream().sorted(Comparator.comparingLong(Removal::changing)).toList();
      changing = byChange.stream().mapToLong(Removal::changing).toArray();
      newest = greatest(byChange);
      List<Removal> byBegin =
          removals.stream().sorted(Comparator.comparingLong(Removal::begin)).toList();
      changed = byBegin.stream().mapToLong(Removal::begin).toArray();
      oldest = greatest(byBegin);
    }

    private static long[] greatest(List<Removal> removals) {
      long[] versions = removals.stream().mapToLong(Removal::version).toArray();
      for (int i = 1; i < versions.length; i++) {
        versions[i] = Math.max(versions[i], versions[i - 1]);
      }
      return versions;
    }

    private static long upTo(long[] at, long[] versions, long time) {
      int count = Arrays.binarySearch(at, time);
      int index = count >= 0 ? count : -count - 2;
      return index < 0 ? 0 : versions[index];
    }

    /** The greatest version that the source can have had by then. */
    long newest(long time) {
      return upTo(changing, newest, time);
    }

    /** The least version that {@code get} may see. */
    long due(Get get) {
      long due = upTo(changed, oldest, get.begin() - bounds.stale());
      for (Removal removal : before(get)) {
        if (removal.version() > due && holds(removal, get)) {
          due = removal.version();
        }
      }
      return due;
    }

    /** The greatest version of any removal that was over, whomever it reached. */
    long removed(Get get) {
      return before(get).stream().mapToLong(Removal::version).max().orElse(0);
    }

    /** Whether a removal that holds is so fresh that the value of before could be there still. */
    boolean wasRemovedLately(Get get) {
      return before(get).stream()
          .anyMatch(
              r ->
                  r.begin() + bounds.timeToLive().toNanos() > get.begin()
                      && r.version() == get.version()
                      && holds(r, get));
    }

    /** The removals that were over when {@code get} began, without those long ago. */
    private List<Removal> before(Get get) {
      int to = firstAfter(get.begin());
      int from = firstAfter(get.begin() - bounds.stale() - LONGEST_REMOVAL);
      return byEnd.subList(from, to);
    }

    private int firstAfter(long time) {
      int low = 0;
      int high = byEnd.size();
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (byEnd.get(middle).end() < time) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }
  }

  /**
   * Whether {@code removal}, which was over, binds the node of {@code get}. A node that was started
   * since knows nothing of it: that is without consequence if nobody has the old value any more.
   */
  private boolean holds(Removal removal, Get get) {
    if (removal.succeeded()
        ? !times.ended(get.node(), removal.begin(), removal.end())
        : removal.reached(get.node()) && times.lived(get.node(), removal.begin(), get.begin())) {
      return true;
    }
    if (removal.missed() == null || times.ended(removal.node(), removal.begin(), get.begin())) {
      return false; // Nobody is left who would tell it.
    }
    long since = times.inTouchSince(removal.node(), get.node(), get.begin());
    return since != Times.NEVER
        && get.begin() - Math.max(since, removal.end()) > bounds.detection().toNanos();
  }

  /**
   * How many calls of the source the gets need at least: one node that sees all of them, has room
   * for all, and loses nothing.
   */
  private static long ideal(List<Get> gets, long timeToLive) {
    record Held(long version, long until) {}
    Map<String, Held> memory = new HashMap<>();
    long calls = 0;
    for (Get get : gets) {
      @Nullable Held held = memory.get(get.key());
      if (get.version() >= 0
          && (held == null || get.version() > held.version() || get.begin() >= held.until())) {
        calls++;
        memory.put(get.key(), new Held(get.version(), get.begin() + timeToLive));
      }
    }
    return calls;
  }
}
