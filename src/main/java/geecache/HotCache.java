package geecache;

import geecache.cache.Cache;
import java.time.Duration;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Copies of popular values that other nodes keep. They take at most an eighth of the budget of the
 * group. The main cache gives up that eighth when the first copy is made, so a node without peers
 * keeps its whole budget.
 */
final class HotCache {
  private static final int SHARE = 8;

  /**
   * The bound of the copies in a group without a bound: otherwise, copies that nobody asks for any
   * more would stay.
   */
  private static final long UNBOUNDED_SHARE = 64L << 20;

  /** The count of a second from which callers here make a key popular: 4 to 8 gets a second. */
  private static final int POPULAR_HERE = 8;

  /** The count from which those of all nodes do, at the owner: as many gets a second. */
  private static final int POPULAR = 30 * POPULAR_HERE;

  /**
   * The count from which a copy that there was is renewed: that of a rate may be half of it a
   * moment later.
   */
  private static final int STILL_POPULAR = POPULAR / 2;

  private final GroupSettings settings;
  private final Cache<Entry> main;
  private final LongFunction<Cache<Entry>> make;

  /** The gets of this node's callers for which a peer was asked. */
  private final HotKeySketch askedHere;

  /** Made once, with the first copy. Written under the lock of {@code this}. */
  private volatile @Nullable Cache<Entry> cache;

  /**
   * Holds no copies yet.
   *
   * @param main the main cache, which gives up a part of its bound
   * @param make makes a store with a bound
   */
  HotCache(
      GroupSettings settings, Ticker ticker, Cache<Entry> main, LongFunction<Cache<Entry>> make) {
    this.settings = settings;
    this.main = main;
    this.make = make;
    this.askedHere =
        HotKeySketch.of(settings.maxBytes(), Byte.MAX_VALUE, Duration.ofSeconds(1), ticker);
  }

  @Nullable Entry find(String key) {
    Cache<Entry> made = cache;
    return made == null ? null : made.get(key);
  }

  /** As {@link #find}, without a use. */
  @Nullable Entry peek(String key) {
    Cache<Entry> made = cache;
    return made == null ? null : made.peek(key);
  }

  /** Counts a get of a key, for which a peer is asked. */
  void count(String key) {
    if (settings.hotCopies()) {
      askedHere.count(key, 1);
    }
  }

  /**
   * Whether callers ask for {@code key} so often that a copy pays: those of all nodes, as its owner
   * says, or for a second those of this one.
   *
   * @param rate how often they asked in a minute, as far as the owner said
   * @param copied whether there was a copy: it goes at half of the rate at which it came
   */
  boolean isPopular(String key, int rate, boolean copied) {
    return settings.hotCopies()
        && (rate >= (copied ? STILL_POPULAR : POPULAR) || askedHere.estimate(key) >= POPULAR_HERE);
  }

  /** Returns the store of copies. */
  Cache<Entry> cache() {
    Cache<Entry> made = cache;
    return made != null ? made : makeCache();
  }

  void drop(String key) {
    change(key, copy -> null);
  }

  /** Replaces the copy of {@code key}, or null, in a step of the store; null removes it. */
  void change(String key, UnaryOperator<@Nullable Entry> change) {
    Cache<Entry> made = cache;
    if (made != null) {
      made.compute(key, change);
    }
  }

  void clear() {
    Cache<Entry> made = cache;
    if (made != null) {
      made.clear();
    }
  }

  long entries() {
    Cache<Entry> made = cache;
    return made == null ? 0 : made.entries();
  }

  long bytes() {
    Cache<Entry> made = cache;
    return made == null ? 0 : made.bytes();
  }

  /** Returns the bound of the copies, in bytes. */
  long bound() {
    long budget = settings.maxBytes();
    return budget == 0 ? UNBOUNDED_SHARE : Math.max(1, budget / SHARE);
  }

  /** Returns the bound of the main cache, in bytes. */
  long mainBound() {
    long budget = settings.maxBytes();
    if (budget == 0) {
      return Long.MAX_VALUE;
    }
    return cache == null ? budget : mainShare(budget);
  }

  private static long mainShare(long budget) {
    return Math.max(1, budget - budget / SHARE);
  }

  private synchronized Cache<Entry> makeCache() {
    if (cache == null) {
      long budget = settings.maxBytes();
      if (budget != 0) {
        main.bound(mainShare(budget));
      }
      cache = make.apply(bound());
    }
    return cache;
  }
}
