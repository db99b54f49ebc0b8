package geecache.membership;

import java.util.Collection;
import java.util.function.Consumer;

/**
 * Tells a node which nodes its cluster has. It carries nothing else: removals travel over HTTP. A
 * view that is wrong for a while only costs hits.
 *
 * <p>A view is a collection of base URLs, context path included, as all nodes write them. The
 * node's own URL is among them as soon as it is known. An empty view means that the node is alone.
 */
public interface Membership extends AutoCloseable {
  /**
   * Begins to tell {@code views} the nodes: the first view as soon as it is known, then each view
   * that differs from the one before. Called once. Returns without waiting for other nodes.
   *
   * @param views called by one thread at a time, perhaps by the calling thread; must not block for
   *     long
   */
  void start(Consumer<? super Collection<String>> views);

  /**
   * Stops, and leaves no thread and no socket behind. May wait some seconds for them to end.
   * Closing twice does nothing.
   */
  @Override
  void close();
}
