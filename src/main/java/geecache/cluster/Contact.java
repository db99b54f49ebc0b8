package geecache.cluster;

/**
 * The contact between this node and a peer. It stands while both know all removals that the other
 * carried out. Only then does this node ask the peer for values. To make contact, this node meets
 * the peer, and tells it the removals that it missed. Contact is lost when the peer fails, misses a
 * removal, or turns out to be another node than before.
 *
 * <p>Interleaving: a meeting is under way; a removal does not reach the peer; the meeting succeeds.
 * The removal was not part of the meeting. So losses are counted, and a meeting makes contact only
 * if no loss was counted since it began. (Test: {@code
 * aRemovalThatFailsDuringAMeetingIsToldByTheNext}.)
 */
final class Contact {
  private static final long NOTHING_MISSED = Long.MAX_VALUE;

  /** The peer knows all removals up to this entry of the log. Written under {@code this}. */
  private long toldUpTo;

  /** Counted under {@code this}. */
  private long losses;

  /** The id of the node that was met; written under {@code this}. */
  private long node;

  /** Whether contact stands. Written under {@code this}, read by each get. */
  private volatile boolean made;

  /**
   * The state when a meeting begins: the entry after which it must tell removals, and the number of
   * losses until then.
   */
  record Attempt(long toldUpTo, long losses) {}

  boolean isMade() {
    return made;
  }

  synchronized Attempt attempt() {
    return new Attempt(toldUpTo, losses);
  }

  /**
   * Notes that the peer missed the removals after entry {@code lastTold}. Returns whether contact
   * stood before.
   */
  synchronized boolean lose(long lastTold) {
    losses++;
    toldUpTo = Math.min(toldUpTo, lastTold);
    boolean was = made;
    made = false;
    return was;
  }

  /**
   * Returns the id of the node that was met last; 0 if none was met, or another node answered
   * since.
   */
  synchronized long node() {
    return node;
  }

  /**
   * Notes that the peer was met, and told the removals that {@code attempt} asks for.
   *
   * @return whether contact is made; if not, the peer must be met once more
   */
  synchronized boolean met(Attempt attempt, long by) {
    if (node != by) {
      boolean first = node == 0 && attempt.toldUpTo() == 0;
      node = by;
      if (!first) { // Not the node that was told before: it knows no removals.
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

  /**
   * Returns whether the answering node {@code by} is the one that was met. If it is not, contact is
   * lost.
   */
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
