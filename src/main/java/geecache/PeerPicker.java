package geecache;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Knows which node of a cluster owns which key, and carries changes to all of them. A node has one,
 * by {@link Geecache#registerPeers}; without one it owns every key. The idea is groupcache's {@code
 * PeerPicker}. Safe for use by many threads; the look-ups take no lock.
 */
public interface PeerPicker extends AutoCloseable {
  /** Returns the peer to ask for {@code key}; null if it is for this node to load. */
  @Nullable Peer pick(String key);

  /** As {@link #pick}, when {@code failed}, which was picked before, gave no answer. */
  @Nullable Peer pickInstead(String key, Peer failed);

  /**
   * Asks whoever owned {@code key} until lately, where this node does now, for what it has in
   * memory. Never blocks and never throws. Dependent actions must be short.
   *
   * @return null if there is nobody to ask; else completed within a tight limit, with null if there
   *     is no value to be had, and never exceptionally
   */
  default @Nullable CompletableFuture<@Nullable Fetched> peek(Group group, String key) {
    return null;
  }

  /**
   * Has what this node holds taken over by others: it is about to be closed. Blocks no longer than
   * the picker's own limit.
   */
  default void handOver() {}

  /** Whether this node owns {@code key}, whichever peers happen to be down. */
  boolean owns(String key);

  /**
   * Returns a number that changes whenever {@link #owns} may have changed its mind. After that
   * {@link Geecache#demote} is to be called.
   */
  long view();

  /**
   * Carries out {@link Group#removeHere} of these keys on every node, this one included.
   *
   * @throws NotReachedException if not all nodes acknowledged; all others have removed them
   * @throws IllegalStateException if there are peers, and no secret which allows changes
   */
  void removeAll(Group group, Collection<String> keys) throws NotReachedException;

  /** Carries out {@link Group#clearHere} on every node; fails as {@link #removeAll} does. */
  void clear(Group group) throws NotReachedException;

  /**
   * Carries out {@link Group#setHere} on the node that owns {@code key}, and removes the key from
   * all others; fails as {@link #removeAll} does.
   */
  void set(Group group, String key, ByteView value, @Nullable Duration timeToLive)
      throws NotReachedException;

  /**
   * Ends what this needs of threads and connections. Asks nobody any more: what peers were asked
   * for and have not answered fails.
   */
  @Override
  void close();
}
