package geecache.source;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The notices of the last minute. When the speaker is gone, the next speaker repeats them to all
 * nodes, since the former one may have received some and told nobody. Bounded in time and in
 * number. For one thread.
 */
final class RecentNotices {
  /** Longer than the database needs to notice that a node is gone. */
  static final Duration KEPT = Duration.ofSeconds(60);

  static final int MAX_KEYS = 10_000;

  private record Received(long nanos, Notice notice) {
    int size() {
      return notice.keys() == null ? 1 : notice.keys().size();
    }
  }

  private final ArrayDeque<Received> kept = new ArrayDeque<>();
  private int size;

  /** When the newest of the notices arrived that were dropped too early, for lack of room. */
  private @Nullable Long droppedEarly;

  void add(Notice notice, long now) {
    Received latest = new Received(now, notice);
    kept.add(latest);
    size += latest.size();
    while (size > MAX_KEYS) {
      droppedEarly = kept.element().nanos();
      dropOldest();
    }
    while (!kept.isEmpty() && isOld(kept.element().nanos(), now)) {
      dropOldest();
    }
  }

  private void dropOldest() {
    size -= kept.remove().size();
  }

  private static boolean isOld(long nanos, long now) {
    return now - nanos > KEPT.toNanos();
  }

  /** Returns all notices of the last minute; nothing if some of them had to be dropped. */
  Optional<List<Notice>> find(long now) {
    if (droppedEarly != null && !isOld(droppedEarly, now)) {
      return Optional.empty();
    }
    return Optional.of(
        kept.stream()
            .filter(received -> !isOld(received.nanos(), now))
            .map(Received::notice)
            .toList());
  }
}
