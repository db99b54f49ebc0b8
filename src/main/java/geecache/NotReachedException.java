package geecache;

import java.util.Collection;
import java.util.List;

/**
 * A change did not reach every node of the cluster. It holds on all others, this node included. The
 * nodes named may serve what they had until they are met again, at the latest until its time to
 * live is over.
 */
public final class NotReachedException extends CacheException {
  private static final long serialVersionUID = 1;

  private final List<String> nodes;

  /**
   * Says whom a change did not reach.
   *
   * @param what the change, for the message
   * @param nodes their base URLs
   */
  public NotReachedException(String what, Collection<String> nodes) {
    super(what + " did not reach " + String.join(", ", nodes), null);
    this.nodes = List.copyOf(nodes);
  }

  /** Returns the base URLs of the nodes that did not acknowledge; unmodifiable. */
  public List<String> nodes() {
    return nodes;
  }
}
