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
  /**
   * As {@link #pick(String)}, for a group that other nodes may lack, or have with other versions of
   * its values: those are passed over.
   */
  default @Nullable Peer pick(LocalGroup group, String key) {
    return pick(key);
  }

  /**
   * As {@link #pick(LocalGroup, String)}, when {@code failed}, which was picked before, gave no
   * answer.
   */
  @Nullable Peer pickInstead(LocalGroup group, String key, Peer failed);

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

  /**
   * Whether this node knows which nodes there are, and is in contact with another one, unless it is
   * alone: a change that it carries out then does not end with it.
   */
  default boolean isJoined() {
    return true;
  }

  /**
   * Whether the nodes give each other leases. If not, what a node loads of a key that it does not
   * own is stored there for a while.
   */
  default boolean givesLeases() {
    return true;
  }

  /**
   * Asks the node that owns {@code key} for the value that it has in memory. Never blocks and never
   * throws. Dependent actions must be short.
   *
   * @return null if there is no node to ask; else completed within a tight limit, with null if that
   *     node has no value, and never exceptionally
   */
  default @Nullable CompletableFuture<@Nullable PeerValue> look(LocalGroup group, String key) {
    return null;
  }

  /** Whether this node owns {@code key} in a group that all nodes have, even if some are down. */
  boolean owns(String key);

  /**
   * Whether this node owns {@code key} among the nodes that have {@code group} with the same
   * version of its values, as far as it knows them.
   */
  default boolean owns(LocalGroup group, String key) {
    return owns(key);
  }

  /**
   * Returns a number that changes whenever an answer of {@link #owns} may have changed. The cluster
   * calls {@link LocalNode#demote} after that.
   */
  long view();

  /**
   * Returns a stamp that is later than that of every change which this node has seen: for a removal
   * that concerns this node alone.
   */
  Stamp nextStamp();

  /**
   * Carries out {@link LocalGroup#remove} of these keys on every node, this one included. Never
   * blocks.
   *
   * @return done when all nodes have acknowledged; fails with {@link NotReachedException} if not
   *     all did, and all others have removed the keys, or with {@link OverloadedException} if too
   *     many changes are under way on this node, and nothing was done
   * @throws IllegalStateException if there are peers, and no secret which allows changes
   */
  CompletableFuture<Void> removeAll(LocalGroup group, Collection<String> keys);

  /** Carries out {@link LocalGroup#clear} on every node, as {@link #removeAll} does. */
  CompletableFuture<Void> clear(LocalGroup group);

  /**
   * Carries out {@link LocalGroup#set} on the node that owns {@code key}, and removes the key from
   * all others, as {@link #removeAll} does.
   */
  CompletableFuture<Void> set(
      LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive);

  /**
   * Carries out {@link LocalGroup#putIfAbsent} on the node that owns {@code key}, and removes the
   * key from all others if the value was stored, as {@link #removeAll} does.
   *
   * @return whether the value was stored; fails with {@link NotReachedException} too if the owner
   *     did not say
   */
  CompletableFuture<Boolean> putIfAbsent(
      LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive);

  /**
   * Ends the threads and connections of this. Asks no peer any more: questions that peers have not
   * answered fail.
   */
  @Override
  void close();
}
