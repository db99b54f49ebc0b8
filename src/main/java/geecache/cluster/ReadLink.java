package geecache.cluster;

import geecache.CacheException;
import geecache.LocalGroup;
import geecache.PeerValue;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Reads from another node of any kind. Safe for use by many threads. */
public interface ReadLink {
  /** Returns the most keys that one {@link #read} takes now. */
  int maxKeys();

  /** Returns the most reads that may be under way at once. */
  int maxReads();

  /** Returns the most reads beside these that callers' own threads may have under way. */
  default int maxReadsOfCallers() {
    return 0;
  }

  /**
   * Asks for keys, and gives each outcome to {@code answers} when it comes. Blocks until the whole
   * answer has come, or the thread is interrupted.
   *
   * @return false if the node was not asked because it takes fewer keys at once, as {@link
   *     #maxKeys} says from now on
   * @throws IOException if the answer fails, preferably a {@link LinkFailure}; the outcomes given
   *     before stand
   */
  boolean read(Batch batch, Answers answers) throws IOException;

  /** Closes all connections that are not in use: they may be broken like one that failed. */
  void renewConnections();

  /**
   * The keys of one request.
   *
   * @param group of all keys
   * @param required the changes that the other node must know to answer
   * @param mayStayOpen whether the answer may be kept open for keys that are loading
   * @param view the fingerprint of the asking node's view
   * @param limit the time within which the whole answer must have come
   */
  record Batch(
      LocalGroup group,
      List<KeyRead> keys,
      VersionVector required,
      boolean mayStayOpen,
      long view,
      Duration limit) {}

  /**
   * Takes the answer to one request, each key by its index there. Called by one thread, and for
   * each key at most once after {@link #begin}.
   */
  interface Answers {
    /**
     * Notes which node answers. Called before all else.
     *
     * @param node its id; 0 for a Go node, which has none
     * @throws LinkFailure if that is not the node that was asked
     */
    void begin(long node) throws LinkFailure;

    /**
     * Notes the changes that the node knew before it read values from memory, if it says so. Called
     * before these values.
     */
    void knows(VersionVector known);

    /** Notes that the rest of the answer comes when its keys have loaded. */
    void restComesLater();

    /** Notes the value of a key. */
    void value(int index, PeerValue value);

    /** Notes that a caller of this node is to load a key, under a lease with this number. */
    default void leased(int index, long number) {
      throw new IllegalStateException("a lease was given that nobody asked for");
    }

    /** Notes that the node's answer for a key is a failure. */
    void failure(int index, CacheException failure);

    /** Notes that the node has no value in memory, and the question was for memory alone. */
    void notCached(int index);

    /**
     * Notes that a key is still loading, and may be asked for again after so many milliseconds.
     *
     * @param queued whether its load waits for a place, as far as the node said
     */
    void pending(int index, long afterMillis, boolean queued);

    /** Notes that the node gives no answer for a key, although it is healthy. */
    void refused(int index, LinkFailure why);
  }
}
