package geecache;

import geecache.cache.Cache;
import java.util.function.Predicate;

/**
 * Tells a store what the entries of a group take, and which of them are over.
 *
 * @param storeOverhead the heap that the store itself needs for an entry, in bytes
 * @param ticker the clock of the entries
 */
record EntryWeigher(int storeOverhead, Ticker ticker) implements Cache.Weigher<Entry> {
  @Override
  public int bytes(String key, Entry entry) {
    return HeapSize.of(key, entry, storeOverhead);
  }

  @Override
  public Predicate<Entry> over() {
    long now = ticker.nanos();
    return entry -> entry instanceof Entry.Timed timed && timed.isOver(now);
  }
}
