package geecache;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A change did not reach every node of the cluster, or a node refused it. It holds on all nodes but
 * the ones that this names. Those may serve the old value until they are in contact again, and no
 * longer than its time to live. A value that the owner of its key refused is stored nowhere: the
 * key was removed on all nodes that are not named as out of reach.
 */
public final class NotReachedException extends CacheException {
  private static final long serialVersionUID = 2;

  /** Why a node did not do its part of a change. */
  public enum Reason {
    /** It did not acknowledge the change in time, or there is no contact with it. */
    NOT_REACHED("no answer"),
    /** It takes no changes from this node, such as for another secret, or does not own the key. */
    REFUSED("not allowed"),
    /** It owns the key, and has no group of that name. */
    NO_SUCH_GROUP("no such group"),
    /** It owns the key, and its group takes no value of that size. */
    TOO_LARGE("value is too large");

    private final String text;

    Reason(String text) {
      this.text = text;
    }
  }

  private final String[] nodes;
  private final Reason[] reasons;

  /**
   * Says which nodes a change did not reach.
   *
   * @param what the change, for the message
   * @param nodes their base URLs
   */
  public NotReachedException(String what, Collection<String> nodes) {
    this(what, unreached(nodes));
  }

  private static Map<String, Reason> unreached(Collection<String> nodes) {
    Map<String, Reason> reasons = new LinkedHashMap<>();
    nodes.forEach(node -> reasons.put(node, Reason.NOT_REACHED));
    return reasons;
  }

  /**
   * Says which nodes did not do their part of a change.
   *
   * @param what the change, for the message
   * @param reasons why, by their base URLs
   */
  public NotReachedException(String what, Map<String, Reason> reasons) {
    super(message(what, reasons), null);
    this.nodes = reasons.keySet().toArray(String[]::new);
    this.reasons = reasons.values().toArray(Reason[]::new);
  }

  private static String message(String what, Map<String, Reason> reasons) {
    String silent =
        reasons.entrySet().stream()
            .filter(node -> node.getValue() == Reason.NOT_REACHED)
            .map(Map.Entry::getKey)
            .collect(Collectors.joining(", "));
    String refusing =
        reasons.entrySet().stream()
            .filter(node -> node.getValue() != Reason.NOT_REACHED)
            .map(node -> node.getKey() + " (" + node.getValue().text + ")")
            .collect(Collectors.joining(", "));
    return what
        + (silent.isEmpty() ? "" : " did not reach " + silent)
        + (silent.isEmpty() || refusing.isEmpty() ? "" : ", and")
        + (refusing.isEmpty() ? "" : " was refused by " + refusing);
  }

  /** Returns the base URLs of the nodes that did not do their part; unmodifiable. */
  public List<String> nodes() {
    return List.of(nodes);
  }

  /** Returns why each of {@link #nodes} did not do its part; unmodifiable. */
  public Map<String, Reason> reasons() {
    Map<String, Reason> each = new LinkedHashMap<>();
    for (int i = 0; i < nodes.length; i++) {
      each.put(nodes[i], reasons[i]);
    }
    return Collections.unmodifiableMap(each);
  }
}
