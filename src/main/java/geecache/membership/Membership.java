package geecache.membership;

import java.util.Collection;
import java.util.function.Consumer;

/**
 * Tells a node who the nodes of its cluster are. It tells of views alone: what is removed travels
 * otherwise, and a view may be wrong for a while without harm but to hit rates.
 *
 * <p>A view is a collection of base URLs, context path included, as all nodes write them; that of
 * the node itself is among them as soon as it is known. None means that the node is alone.
 */
public interface Membership extends AutoCloseable {
  /**
   * Begins to tell {@code views} who the nodes are: the first view as soon as one is known, and
   * then each that differs from the one before. Called once. Returns without waiting for others.
   *
   * @param views called by one thread at a time, maybe by the caller's; must not block for long
   */
  void start(Consumer<? super Collection<String>> views);

  /**
   * Tells nothing more, and leaves no thread and no socket behind; may wait some seconds for that.
   * Closing twice does nothing.
   */
  @Override
  void close();
}
