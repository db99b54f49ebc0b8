package geecache.cluster;

import java.util.List;

/**
 * The message by which a node makes contact with another.
 *
 * @param url the sender's URL; empty if the sender does not know it
 * @param clear whether the sender does not remember all removals, so that the receiver must clear
 *     all groups
 * @param removed the removals that the receiver may have missed
 * @param standing of the sender
 */
public record Meeting(String url, boolean clear, List<Removal> removed, Standing standing) {
  /** Returns the same meeting, with a clearing in place of the list of removals. */
  public Meeting clearing() {
    return new Meeting(url, true, List.of(), standing);
  }
}
