package geecache;

import java.time.Duration;

/**
 * How long a get waits.
 *
 * @param left the rest of its time
 * @param forPlace how much of that its load may wait for a place; then the get fails as overloaded
 * @param whole the time that it had at first, for messages
 */
record WaitTime(Duration left, Duration forPlace, Duration whole) {
  static WaitTime of(Duration whole) {
    return new WaitTime(whole, whole, whole);
  }

  /**
   * Returns the time of another node's get. That node is told early enough that there is no place.
   *
   * @param left the time of the callers who wait there
   */
  static WaitTime ofNode(Duration left) {
    return new WaitTime(left, forPlace(left), left);
  }

  /**
   * Returns how long a load may wait for a place: a second less than its callers wait, or half of
   * their time, so that those who asked another node are told in time that there was none.
   */
  static Duration forPlace(Duration wait) {
    Duration half = wait.dividedBy(2);
    Duration less = wait.minusSeconds(1);
    return less.compareTo(half) > 0 ? less : half;
  }

  /** Returns what is left of this after a while. */
  WaitTime rest(Duration now) {
    return new WaitTime(now, now, whole);
  }
}
