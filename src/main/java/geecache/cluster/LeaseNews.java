package geecache.cluster;

import geecache.LeaseEnd;
import java.util.List;

/**
 * What a node tells of the leases that another node gave to its callers.
 *
 * @param to the id of the node that gave them
 * @param alive the numbers of leases whose callers still load
 * @param ended what came of others
 */
public record LeaseNews(long to, List<Long> alive, List<Ended> ended) {
  /** The most leases in one message that live. */
  public static final int MOST_ALIVE = 1 << 16;

  /** The most leases in one message that have ended. */
  public static final int MOST_ENDED = 256;

  /**
   * A lease that has ended.
   *
   * @param number its number on the node that gave it
   */
  public record Ended(long number, LeaseEnd end) {
    /** Returns about how many bytes this takes in a message. */
    int messageBytes() {
      return end.value() == null ? 0 : end.value().bytes().length();
    }
  }
}
