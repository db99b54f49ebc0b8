package geecache.cluster;

/**
 * The contact between this node and another. It stands while the other node knows all changes that
 * this node has carried out, or is being told them. Only then does this node ask it for values. To
 * make contact, this node meets the other, and tells it the changes that it misses. Contact is lost
 * when the other node fails, misses a change, leaves the view or turns out to be another one than
 * before.
 *
 * <p>Interleaving: a meeting is under way; a change does not reach the node; the meeting succeeds.
 * The change was not part of the meeting. So losses are counted, and a meeting makes contact only
 * if no loss was counted since it began. (Test: {@code
 * aRemovalThatFailsDuringAMeetingIsToldByTheNext}.)
 */
final class Contact {
  /** Counted under {@code this}. */
  private long losses;

  /** The id of the node that was met; written under {@code this}. */
  private long node;

  /** Whether contact stands. Written under {@code this}, read by each get. */
  private volatile boolean made;

  boolean isMade() {
    return made;
  }

  /** Returns the number of losses so far, for a meeting that begins now. */
  synchronized long losses() {
    return losses;
  }

  /** Notes that the node missed a change, or failed. Returns whether contact stood before. */
  synchronized boolean lose() {
    losses++;
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
   * Notes that the node with this id was met, and told all that it missed.
   *
   * @param lossesBefore the number of losses when the meeting began
   * @return whether contact is made; if not, the node must be met once more
   */
  synchronized boolean met(long lossesBefore, long by) {
    node = by;
    made = losses == lossesBefore;
    return made;
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
    made = false;
    return false;
  }
}
