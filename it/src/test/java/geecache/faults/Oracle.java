package geecache.faults;

import geecache.faults.Event.Change;
import geecache.faults.Event.Get;
import geecache.faults.Event.Kind;
import geecache.faults.Verdict.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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

  /** Longer than any change takes, even one that its caller gave up. */
  private static final long LONGEST_CHANGE = Duration.ofSeconds(60).toNanos();

  private final Bounds bounds;
  private final Times times;
  private final Map<String, Key> keys = new HashMap<>();

  /** One of the keys of each removal in bulk. */
  private final List<Change> bulks;

  private Oracle(List<Event> journal, Bounds bounds) {
    this.bounds = bounds;
    this.times = new Times(only(journal, Event.Note.class));
    Map<String, List<Change>> changes = new HashMap<>();
    only(journal, Change.class)
        .forEach(c -> changes.computeIfAbsent(c.key(), k -> new ArrayList<>()).add(c));
    changes.forEach((key, its) -> keys.put(key, new Key(its)));
    Map<Long, Change> byBegin = new TreeMap<>();
    only(journal, Change.class).stream()
        .filter(change -> change.kind() == Kind.BULK)
        .forEach(bulk -> byBegin.put(bulk.begin(), bulk));
    bulks = List.copyOf(byBegin.values());
  }

  static Verdict judge(List<Event> journal, Bounds bounds) {
    Oracle oracle = new Oracle(journal, bounds);
    List<Get> gets = only(journal, Get.class);
    Verdict.Count count = new Verdict.Count();
    for (Get get : gets) {
      count.add(get, oracle.times.well(get.node(), get.begin(), get.end()) ? oracle.of(get) : null);
    }
    only(journal, Change.class).forEach(count::add);
    return count.verdict(bounds, oracle.ideal(gets));
  }

  private static <E extends Event> List<E> only(List<Event> journal, Class<E> type) {
    return journal.stream()
        .filter(type::isInstance)
        .map(type::cast)
        .sorted(Comparator.comparingLong(Event::begin))
        .toList();
  }

  /** What is wrong with a get that counts. */
  private Finding of(Get get) {
    Key key = keys.get(get.key());
    if (get.failed()) {
      return Finding.FAILED;
    }
    if (get.version() < 0 || get.version() > (key == null ? 0 : key.newest(get.end()))) {
      return Finding.WRONG;
    }
    Finding broken = key == null ? null : key.broken(get);
    if (broken != null) {
      return broken;
    }
    if (isLate(get)) {
      return Finding.LATE;
    }
    return key == null ? Finding.RIGHT : key.kept(get);
  }

  /** What a get takes while its caller stands still is not the node's. */
  private boolean isLate(Get get) {
    long over = get.end() - get.begin() - bounds.deadline().toNanos();
    return over > 0 && over > times.stood(get.begin(), get.end());
  }

  /** Everything that was done to one key. Each version was made by one change. */
  private final class Key {
    private final Map<Long, Change> byVersion = new HashMap<>();
    private final List<Change> byEnd;

    /** The changes of the source by their begin, and the greatest version up to each. */
    private final long[] changing;

    private final long[] newest;

    /** The changes by the time at which they were over, and the greatest version up to each. */
    private final long[] changed;

    private final long[] oldest;

    Key(List<Change> changes) {
      changes.forEach(change -> byVersion.put(change.version(), change));
      byEnd = changes.stream().sorted(Comparator.comparingLong(Change::end)).toList();
      List<Change> byChange =
          changes.stream().sorted(Comparator.comparingLong(Change::changing)).toList();
      changing = byChange.stream().mapToLong(Change::changing).toArray();
      newest = greatest(byChange);
      List<Change> byBegin =
          changes.stream().sorted(Comparator.comparingLong(Change::begin)).toList();
      changed = byBegin.stream().mapToLong(Change::begin).toArray();
      oldest = greatest(byBegin);
    }

    private static long[] greatest(List<Change> changes) {
      long[] versions = changes.stream().mapToLong(Change::version).toArray();
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

    /** What {@code get} breaks; null if nothing. */
    @Nullable Finding broken(Get get) {
      Change set = setting(get.version());
      boolean tooOld = upTo(changed, oldest, get.begin() - bounds.stale()) > get.version();
      if (!(tooOld && (set == null || set.end() + livesAfter(set) < get.begin()))
          && before(get).stream().noneMatch(change -> isPast(get.version(), change, get))) {
        return null;
      }
      return set == null || set.succeeded() ? Finding.STALE : Finding.RISEN;
    }

    /** The set of this version; null if nodes have it from the source only. */
    private @Nullable Change setting(long version) {
      Change change = byVersion.get(version);
      return change != null && change.kind() == Kind.SET ? change : null;
    }

    /** For how long a value may be there after its set was over. */
    private long livesAfter(Change set) {
      return bounds.stale() + (set.succeeded() ? 0 : LONGEST_CHANGE);
    }

    /**
     * Whether {@code get} must not see {@code version} after {@code change}, which was over. Two
     * changes that were under way at once have no order: the set may be the later one.
     */
    private boolean isPast(long version, Change change, Get get) {
      Change set = setting(version);
      return change.version() > version
          && (set == null || set.end() < change.begin())
          && holds(change, get);
    }

    /** What a get shows that breaks nothing. */
    Finding kept(Get get) {
      if (before(get).stream().anyMatch(change -> change.version() > get.version())) {
        return Finding.EXCUSED;
      }
      Change seen = byVersion.get(get.version());
      long before = get.version() - 1;
      if (seen == null
          || seen.end() >= get.begin()
          || seen.begin() + bounds.timeToLive().toNanos() <= get.begin()
          || !isPast(before, seen, get)) {
        return Finding.RIGHT;
      }
      Change set = setting(before);
      if (set != null && !set.succeeded()) {
        return Finding.RIGHT_AFTER_FAILED_SET;
      }
      return switch (seen.kind()) {
        case REMOVAL -> Finding.RIGHT_AFTER_REMOVAL;
        case SET -> Finding.RIGHT_AFTER_SET;
        case BULK -> Finding.RIGHT_AFTER_BULK;
      };
    }

    /** The changes that were over when {@code get} began, without those long ago. */
    private List<Change> before(Get get) {
      int to = firstAfter(get.begin());
      int from = firstAfter(get.begin() - bounds.stale() - LONGEST_CHANGE);
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
   * Whether {@code change}, which was over, binds the node of {@code get}. A node that was started
   * since knows nothing of it: that is without consequence if nobody has the old value any more. A
   * node that was started before, and was cut off from all others from then on, counts as ended.
   */
  private boolean holds(Change change, Get get) {
    int node = get.node();
    boolean known =
        !change.succeeded()
            || !times.lived(node, change.begin(), change.begin())
            || times.isMet(node, change.begin());
    if (known && change.succeeded() && !times.ended(node, change.begin(), change.end())) {
      return true;
    }
    boolean reached =
        known && change.reached(node) && times.lived(node, change.begin(), get.begin())
            || hasTold(change, node, get.begin());
    return reached && (!isForgotten(change, get.begin()) || isEverywhere(change, get.begin()));
  }

  /** Whether the node of {@code change} has been in touch with another for so long that it told. */
  private boolean hasTold(Change change, int other, long at) {
    if (change.missed() == null || times.ended(change.node(), change.begin(), at)) {
      return false; // Nobody is left who would tell it.
    }
    long since = times.inTouchSince(change.node(), other, at);
    return since != Times.NEVER
        && at - Math.max(since, change.end()) > bounds.detection().toNanos();
  }

  /**
   * Whether reads may name {@code change} no more, since more was removed than a node remembers:
   * then a node that knows it may have an older value from one that does not.
   */
  private boolean isForgotten(Change change, long at) {
    return bulks.stream().anyMatch(bulk -> bulk.begin() < at && bulk.end() >= change.begin());
  }

  /** Whether no node is left that missed {@code change}. */
  private boolean isEverywhere(Change change, long at) {
    return change.missed() != null
        && change.missed().stream()
            .allMatch(node -> times.isGone(node, change.end(), at) || hasTold(change, node, at));
  }

  /**
   * How many calls of the source the gets need at least: one node that sees all of them, has room
   * for all, and loses nothing. A version that was set needs no call.
   */
  private long ideal(List<Get> gets) {
    record Held(long version, long until) {}
    Map<String, Held> memory = new HashMap<>();
    long calls = 0;
    for (Get get : gets) {
      @Nullable Held held = memory.get(get.key());
      boolean newer = held == null || get.version() > held.version();
      if (get.version() >= 0 && (newer || get.begin() >= held.until())) {
        Key key = keys.get(get.key());
        boolean wasSet = newer && key != null && key.setting(get.version()) != null;
        calls += wasSet ? 0 : 1;
        memory.put(get.key(), new Held(get.version(), get.begin() + bounds.timeToLive().toNanos()));
      }
    }
    return calls;
  }
}
