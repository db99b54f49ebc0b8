package geecache.source;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was heard lately, for who takes over from a node that may have heard it and told nobody.
 * Bounded in time and in number. For one thread.
 */
final class Heard {
  /** Longer than the database takes to notice that a node is gone. */
  static final Duration KEPT = Duration.ofSeconds(60);

  static final int MOST_KEYS = 10_000;

  private record Kept(long nanos, Notice notice) {
    int size() {
      return notice.keys() == null ? 1 : notice.keys().size();
    }
  }

  private final ArrayDeque<Kept> kept = new ArrayDeque<>();
  private int size;

  /** Of the latest one that had to be dropped before its time. */
  private @Nullable Long dropped;

  void add(Notice notice, long now) {
    Kept latest = new Kept(now, notice);
    kept.add(latest);
    size += latest.size();
    while (size > MOST_KEYS) {
      dropped = kept.element().nanos();
      drop();
    }
    while (!kept.isEmpty() && isOld(kept.element().nanos(), now)) {
      drop();
    }
  }

  private void drop() {
    size -= kept.remove().size();
  }

  private static boolean isOld(long nanos, long now) {
    return now - nanos > KEPT.toNanos();
  }

  /** Returns all that was heard lately; null if that is not known any more. */
  @Nullable List<Notice> recent(long now) {
    if (dropped != null && !isOld(dropped, now)) {
      return null;
    }
    return kept.stream().filter(k -> !isOld(k.nanos(), now)).map(Kept::notice).toList();
  }
}
