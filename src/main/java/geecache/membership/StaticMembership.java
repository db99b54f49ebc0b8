package geecache.membership;

import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/** A list of nodes that does not change. */
public final class StaticMembership implements Membership {
  private final List<String> nodes;

  /**
   * Makes a membership of these nodes.
   *
   * @param nodes the base URLs of all nodes, this one included; empty for a node that is alone
   */
  public StaticMembership(Collection<String> nodes) {
    this.nodes = List.copyOf(nodes);
  }

  @Override
  public void start(Consumer<? super Collection<String>> views) {
    views.accept(nodes);
  }

  @Override
  public void close() {}
}
