package geecache.source;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The notices that this node has received, and of which the speaker has not said that it told all
 * nodes. The next speaker repeats them. No clock decides: the signs of the speaker and the notices
 * come to all listeners in one order, and a sign names an earlier one before which all is told.
 *
 * <p>A node that has not yet heard both of these signs does not know what it lacks: notices from
 * before it listened may be untold. The same holds after notices had to be dropped. Bounded in
 * number. For one thread.
 */
final class UntoldNotices {
  static final int MAX_KEYS = 10_000;

  /** A notice, or the place of a sign: one of the two is null. */
  private record Received(@Nullable Notice notice, @Nullable SpeakerSign sign) {
    int size() {
      return notice == null || notice.keys() == null ? 1 : Math.max(1, notice.keys().size());
    }

    boolean isSign(String speaker, long number) {
      return sign != null && sign.number() == number && sign.speaker().equals(speaker);
    }
  }

  private final ArrayDeque<Received> received = new ArrayDeque<>();
  private int size;
  private boolean complete;

  void add(Notice notice) {
    add(new Received(notice, null));
  }

  /** Forgets what the speaker has told, if this node heard the sign up to which it has. */
  void hear(SpeakerSign sign) {
    if (received.stream().anyMatch(each -> each.isSign(sign.speaker(), sign.told()))) {
      while (!received.element().isSign(sign.speaker(), sign.told())) {
        dropOldest();
      }
      complete = true;
    }
    add(new Received(null, sign));
  }

  private void add(Received latest) {
    received.add(latest);
    size += latest.size();
    while (size > MAX_KEYS) {
      complete &= received.element().sign() != null;
      dropOldest();
    }
  }

  private void dropOldest() {
    size -= received.remove().size();
  }

  /** Whether {@link #find} returns all notices that may be untold. */
  boolean isComplete() {
    return complete;
  }

  /** Returns all notices that may be untold; nothing if some are not known. */
  Optional<List<Notice>> find() {
    List<Notice> untold = new ArrayList<>();
    for (Received each : received) {
      if (each.notice() != null) {
        untold.add(each.notice());
      }
    }
    return complete ? Optional.of(untold) : Optional.empty();
  }
}
