package geecache.cluster;

import java.io.IOException;

/** The way to a node of golang/groupcache, which can be read and probed, and told nothing. */
public interface GoNodeLink extends ReadLink {
  /**
   * Asks for a sign of life. Blocks.
   *
   * @throws IOException if there is no answer, or not that of a Go node
   */
  void probe() throws IOException;

  /** Gives up all reads that are under way; each fails. */
  void giveUp();
}
