package geecache;

import java.util.Collection;
import java.util.List;

/**
 * A change did not reach every node of the cluster. It holds on all nodes but the ones that this
 * names. Those may serve the old value until they are in contact again, and no longer than its time
 * to live.
 */
public final class NotReachedException extends CacheException {
  private static final long serialVersionUID = 1;

  private final String[] nodes;

  /**
   * Says which nodes a change did not reach.
   *
   * @param what the change, for the message
   * @param nodes their base URLs
   */
  public NotReachedException(String what, Collection<String> nodes) {
    super(what + " did not reach " + String.join(", ", nodes), null);
    this.nodes = nodes.toArray(String[]::new);
  }

  /** Returns the base URLs of the nodes that did not acknowledge; unmodifiable. */
  public List<String> nodes() {
    return List.of(nodes);
  }
}
