package geecache;

import geecache.internal.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The slowest loads of the last quarter of an hour, at most {@value #MOST}, and of each key only
 * the slowest. All is guarded by this; nothing else runs under it.
 */
final class SlowLoads {
  private static final int MOST = 20;

  /** A call of the getter that has ended, for {@code keys} keys, of which one is named. */
  private record Load(String key, int keys, long nanos, boolean failed, long endedAt) {}

  private final long keptNanos;

  /** The slowest first. */
  private final List<Load> loads = new ArrayList<>(MOST + 1);

  SlowLoads(long keptNanos) {
    this.keptNanos = keptNanos;
  }

  /**
   * Notes a call of the getter that has just ended, if it is one of the slowest.
   *
   * @param key one of its keys
   * @param keys how many it loaded
   */
  synchronized void add(String key, int keys, long nanos, boolean failed, long now) {
    if (loads.size() == MOST && loads.get(MOST - 1).nanos >= nanos) {
      return;
    }
    forgetBefore(now - keptNanos);
    if (loads.removeIf(load -> load.key.equals(key) && load.nanos < nanos)
        || loads.stream().noneMatch(load -> load.key.equals(key))) {
      insert(new Load(key, keys, nanos, failed, now));
    }
  }

  private void insert(Load load) {
    int at = loads.size();
    while (at > 0 && loads.get(at - 1).nanos < load.nanos) {
      at--;
    }
    loads.add(at, load);
    if (loads.size() > MOST) {
      loads.remove(MOST);
    }
  }

  /** Forgets what is too long ago. */
  synchronized void forgetOld(long now) {
    forgetBefore(now - keptNanos);
  }

  private void forgetBefore(long then) {
    loads.removeIf(load -> load.endedAt - then < 0);
  }

  /**
   * Writes the loads, the slowest first.
   *
   * @param room loads of keys for which it has no room are left out
   */
  void write(long now, KeyRoom room, JsonWriter to) {
    List<Load> all;
    synchronized (this) {
      all = List.copyOf(loads);
    }
    List<Load> told = all.stream().filter(load -> room.take(load.key)).toList();
    to.array("slowLoads", told, load -> to.object(() -> write(load, now, to)));
  }

  private static void write(Load load, long now, JsonWriter to) {
    to.field("key", load.key);
    to.field("keys", load.keys);
    to.field("micros", TimeUnit.NANOSECONDS.toMicros(load.nanos));
    to.field("failed", load.failed);
    to.field("agoMillis", TimeUnit.NANOSECONDS.toMillis(now - load.endedAt));
  }
}
