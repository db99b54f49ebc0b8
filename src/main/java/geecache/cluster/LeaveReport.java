package geecache.cluster;

import java.time.Duration;

/**
 * How far a node has come that leaves.
 *
 * @param over whether it is done
 * @param nodes how many others own its keys now
 * @param entries what it had to hand over
 * @param taken what others took
 * @param refused what others did not take: they have it, or know that it was removed
 * @param unsent what there was no time for, or nobody to take
 * @param took the time since it began to leave
 */
public record LeaveReport(
    boolean over, int nodes, long entries, long taken, long refused, long unsent, Duration took) {

  /** Returns all that on one line, as {@code POST /_cluster/leave} answers. */
  @Override
  public String toString() {
    return "%s: %d of %d entries handed over to %d nodes, %d refused, %d not sent, in %d ms"
        .formatted(
            over ? "left" : "leaving", taken, entries, nodes, refused, unsent, took.toMillis());
  }
}
