package geecache.cluster;

import java.io.IOException;

/** The way to a node of golang/groupcache. It can be read and probed, but not be told changes. */
public interface GoNodeLink extends ReadLink {
  /**
   * Asks for a sign of life. Blocks.
   *
   * @throws IOException if there is no answer, or it is not that of a Go node
   */
  void probe() throws IOException;

  /** Gives up all reads under way. Each fails. */
  void giveUp();
}
