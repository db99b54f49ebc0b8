package geecache.cluster;

import java.util.List;

/**
 * How a node introduces itself to another that it has no contact with.
 *
 * @param url where the sender is reached; empty if it does not know
 * @param clear whether the sender has removed more than it remembers, so that the receiver has to
 *     clear all groups
 * @param removed what was removed without the receiver, as far as the sender knows
 * @param standing of the sender
 */
public record Meeting(String url, boolean clear, List<Removal> removed, Standing standing) {
  /** Returns the same meeting, which asks for a clearing in place of the list of removals. */
  public Meeting clearing() {
    return new Meeting(url, true, List.of(), standing);
  }
}
