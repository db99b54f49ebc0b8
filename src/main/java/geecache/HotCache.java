package geecache;

import geecache.cache.Cache;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Copies of popular values that other nodes keep: the hot cache. It has at most an eighth of the
 * group's budget, which the main cache gives up when the first copy is made; a node without peers
 * so has all of its budget for itself.
 */
final class HotCache {
  private static final int SHARE = 8;

  /** The bound where the group has none: copies that nobody asks for any more would else stay. */
  private static final long UNBOUNDED_SHARE = 64L << 20;

  private static final long MOST_KEYS_COUNTED = 1 << 16;
  private static final long FEWEST_KEYS_COUNTED = 1 << 8;

  private final GroupSettings settings;
  private final Ticker ticker;
  private final Cache<Entry> main;
  private final LongFunction<Cache<Entry>> make;

  /** Made once, by the first get of a key that a peer owns. Guarded by {@code this} for writing. */
  private volatile @Nullable HotKeySketch sketch;

  /** Made once, with the first copy. Guarded by {@code this} for writing. */
  private volatile @Nullable Cache<Entry> cache;

  /**
   * Copies nothing yet.
   *
   * @param main gives up a part of its bound
   * @param make makes a store with a bound
   */
  HotCache(
      GroupSettings settings, Ticker ticker, Cache<Entry> main, LongFunction<Cache<Entry>> make) {
    this.settings = settings;
    this.ticker = ticker;
    this.main = main;
    this.make = make;
  }

  @Nullable Entry find(String key) {
    Cache<Entry> made = cache;
    return made == null ? null : made.get(key);
  }

  /** Counts a get of a key that a peer is asked for. */
  void count(String key) {
    if (settings.hotCopies()) {
      sketch().count(key);
    }
  }

  /** Whether a copy of {@code key} is worth its place. */
  boolean isPopular(String key) {
    return settings.hotCopies() && sketch().isPopular(key);
  }

  /** Returns the store of copies. */
  Cache<Entry> cache() {
    Cache<Entry> made = cache;
    return made != null ? made : makeCache();
  }

  void drop(String key) {
    Cache<Entry> made = cache;
    if (made != null) {
      made.compute(key, copy -> null);
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

  /** Returns how much copies may take, in bytes. */
  long bound() {
    long budget = settings.maxBytes();
    return budget == 0 ? UNBOUNDED_SHARE : Math.max(1, budget / SHARE);
  }

  /** Returns how much copies leave to the main cache, in bytes. */
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

  private HotKeySketch sketch() {
    HotKeySketch made = sketch;
    return made != null ? made : makeSketch();
  }

  private synchronized HotKeySketch makeSketch() {
    if (sketch == null) {
      long keys = settings.maxBytes() == 0 ? MOST_KEYS_COUNTED : settings.maxBytes() >> 10;
      sketch =
          new HotKeySketch(
              (int) Math.max(FEWEST_KEYS_COUNTED, Math.min(keys, MOST_KEYS_COUNTED)), ticker);
    }
    return sketch;
  }
}
