package geecache.cluster;

import java.time.Duration;

/**
 * The progress of a leaving node.
 *
 * @param over whether the node has left
 * @param nodes the number of nodes that own its keys now
 * @param entries the entries that it had to hand over
 * @param taken the entries that other nodes took
 * @param refused the entries that other nodes refused: they have a fresh value, or know that the
 *     key was removed
 * @param unsent the entries for which there was no time, or no node to take them
 * @param took the time since the node began to leave
 */
public record LeaveReport(
    boolean over, int nodes, long entries, long taken, long refused, long unsent, Duration took) {

  /** Returns the report on one line, as {@code POST /_cluster/leave} answers. */
  @Override
  public String toString() {
    return "%s: %d of %d entries handed over to %d nodes, %d refused, %d not sent, in %d ms"
        .formatted(
            over ? "left" : "leaving", taken, entries, nodes, refused, unsent, took.toMillis());
  }
}
