package geecache.cluster;

import java.io.IOException;
import java.time.Duration;

/**
 * The way to another geecache node: reads it, meets it, tells it changes and what becomes of
 * leases, and hands entries over. Each call blocks, for at most {@code limit}. A failure is an
 * {@link IOException}; a {@link LinkFailure} tells whether the node is alive.
 */
public interface NodeLink extends ReadLink {
  /**
   * Meets the node.
   *
   * @throws IOException if the node does not answer, or refuses to meet
   */
  Met meet(Meeting meeting, Duration limit) throws IOException;

  /**
   * Tells changes.
   *
   * @throws IOException if the node did not answer, or refuses them
   */
  ChangesResult change(Changes changes, Duration limit) throws IOException;

  /**
   * Hands entries of a group over.
   *
   * @throws IOException if the node did not answer, or refuses this group's entries
   */
  HandoverResult handOver(String group, HandedEntries entries, Duration limit) throws IOException;

  /**
   * Tells what becomes of leases that the node gave.
   *
   * @throws IOException if the node did not answer, or is not the one that gave them
   */
  LeaseAnswer leases(LeaseNews news, Duration limit) throws IOException;

  /**
   * The answer to a meeting.
   *
   * @param node the id of the node that answered
   * @param acknowledgement what it answered
   */
  record Met(long node, Acknowledgement acknowledgement) {}
}
