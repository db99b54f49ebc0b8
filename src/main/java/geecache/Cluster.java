package geecache;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The cluster as one of its nodes sees it: knows which node owns which key, and carries changes to
 * all nodes. A node has one, by {@link Geecache#registerPeers}; without one it owns every key. Safe
 * for use by many threads; the look-ups take no lock.
 */
public interface Cluster extends PeerPicker, AutoCloseable {
  /** As {@link #pick}, when {@code failed}, which was picked before, gave no answer. */
  @Nullable Peer pickInstead(String key, Peer failed);

  /**
   * Asks the former owner of {@code key}, which this node owns now, for the value it still has in
   * memory. Never blocks and never throws. Dependent actions must be short.
   *
   * @return null if there is no node to ask; else completed within a tight limit, with null if that
   *     node has no value, and never exceptionally
   */
  default @Nullable CompletableFuture<@Nullable PeerValue> peek(LocalGroup group, String key) {
    return null;
  }

  /**
   * Hands over to other nodes the values that this node holds: it is about to be closed. Blocks no
   * longer than the cluster's own limit.
   */
  default void handOver() {}

  /** Whether this node owns {@code key}, even if some peers are down. */
  boolean owns(String key);

  /**
   * Returns a number that changes whenever an answer of {@link #owns} may have changed. The cluster
   * calls {@link LocalNode#demote} after that.
   */
  long view();

  /**
   * Carries out {@link LocalGroup#remove} of these keys on every node, this one included.
   *
   * @throws NotReachedException if not all nodes acknowledged; all others have removed them
   * @throws IllegalStateException if there are peers, and no secret which allows changes
   */
  void removeAll(LocalGroup group, Collection<String> keys) throws NotReachedException;

  /** Carries out {@link LocalGroup#clear} on every node; fails as {@link #removeAll} does. */
  void clear(LocalGroup group) throws NotReachedException;

  /**
   * Carries out {@link LocalGroup#set} on the node that owns {@code key}, and removes the key from
   * all others; fails as {@link #removeAll} does.
   */
  void set(LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive)
      throws NotReachedException;

  /**
   * Ends the threads and connections of this. Asks no peer any more: questions that peers have not
   * answered fail.
   */
  @Override
  void close();
}
