package geecache;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds the gets of one group that wait for a load or a peer, and among them those of guests:
 * strangers who ask for many keys at once. Guests get half of the places at most.
 */
final class WaiterLimit {
  private final String group;
  private final int most;
  private final int mostGuests;
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger guests = new AtomicInteger();

  /**
   * Makes a limit of which nothing is taken.
   *
   * @param most the most gets that wait
   * @param mostGuests the most of them that are guests'
   */
  WaiterLimit(String group, int most, int mostGuests) {
    this.group = group;
    this.most = most;
    this.mostGuests = mostGuests;
  }

  /**
   * Lets one more get wait.
   *
   * @throws OverloadedException if too many do
   */
  void enter(boolean guest) throws OverloadedException {
    if (guest && guests.incrementAndGet() > mostGuests) {
      guests.decrementAndGet();
      throw new OverloadedException(
          "overloaded: %d gets of group %s wait for strangers".formatted(mostGuests, group));
    }
    if (waiting.incrementAndGet() > most) {
      leave(guest);
      throw new OverloadedException(
          "overloaded: %d gets of group %s are waiting".formatted(most, group));
    }
  }

  /**
   * Lets a get wait on that has just left what it waited for: it is never refused, though a
   * newcomer may have come meanwhile.
   */
  void enterAgain() {
    waiting.incrementAndGet();
  }

  /** Undoes {@link #enter}. */
  void leave(boolean guest) {
    leave(1);
    if (guest) {
      leaveGuests(1);
    }
  }

  /** Undoes {@link #enter} for {@code gets}, but does not take guests off those. */
  void leave(int gets) {
    waiting.addAndGet(-gets);
  }

  /** Takes {@code gets} off those of guests. */
  void leaveGuests(int gets) {
    guests.addAndGet(-gets);
  }

  int waiting() {
    return waiting.get();
  }
}
