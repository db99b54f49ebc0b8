package geecache.cluster;

/**
 * Whether this node and a peer know of all removals that the other carried out: only then does this
 * node ask it for values. Contact is made by meeting the peer, and telling it what was removed
 * while there was none; it is lost when the peer fails, misses a removal, or turns out to be
 * another node than before.
 *
 * <p>Interleaving: a meeting is under way; a removal does not reach the peer; the meeting ends
 * well. What it told did not have the removal. So a loss is counted, and a meeting makes contact
 * only if none was counted since it began. (Test: {@code
 * aRemovalThatFailsDuringAMeetingIsToldByTheNext}.)
 */
final class Contact {
  private static final long NOTHING_MISSED = Long.MAX_VALUE;

  /** The entry of the removal log up to which the peer knows all; written under {@code this}. */
  private long toldUpTo;

  /** Counted under {@code this}. */
  private long losses;

  /** The id of the node that was met; written under {@code this}. */
  private long node;

  /** Whether it stands: written under {@code this}, read by each get. */
  private volatile boolean made;

  /** What a meeting has to tell, and by what it is known whether it is still all. */
  record Attempt(long toldUpTo, long losses) {}

  boolean isMade() {
    return made;
  }

  synchronized Attempt attempt() {
    return new Attempt(toldUpTo, losses);
  }

  /**
   * Notes that the peer missed everything after entry {@code lastTold}; true if contact was made.
   */
  synchronized boolean lose(long lastTold) {
    losses++;
    toldUpTo = Math.min(toldUpTo, lastTold);
    boolean was = made;
    made = false;
    return was;
  }

  /** Returns the id of the node that was met last; 0 if none was, or it turned out to be gone. */
  synchronized long node() {
    return node;
  }

  /**
   * Notes that the peer was met, and told what {@code attempt} has.
   *
   * @return whether contact is made; if not, it has to be met once more
   */
  synchronized boolean met(Attempt attempt, long by) {
    if (node != by) {
      boolean first = node == 0 && attempt.toldUpTo() == 0;
      node = by;
      if (!first) { // Another node than the one that was told before: it knows nothing.
        losses++;
        toldUpTo = 0;
        made = false;
        return false;
      }
    }
    if (losses != attempt.losses()) {
      return false;
    }
    toldUpTo = NOTHING_MISSED;
    made = true;
    return true;
  }

  /** Whether an answer by {@code by} is one of the node that was met; if not, contact is lost. */
  synchronized boolean isWith(long by) {
    if (node == by) {
      return true;
    }
    node = 0;
    losses++;
    toldUpTo = 0;
    made = false;
    return false;
  }
}
