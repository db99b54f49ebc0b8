package geecache.cluster;

import geecache.LocalGroup;
import geecache.PeerValue;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the former owner of a key for its value, if this node owns the key now. If the former owner
 * joined recently itself, it may hold nothing yet: then its predecessor is asked next. So it is if
 * the former owner turns out not to have the group with the same version of its values.
 *
 * <p>The value in the answer is fenced like the value of a load. The answer says which changes the
 * former owner knew before it read the value. If this node knows a removal of the key that is not
 * among them, or cannot tell, it does not take the value. Interleavings:
 *
 * <ol>
 *   <li>The former owner answers; the key is removed; the answer comes. The removal's stamp is
 *       later than the flight's beginning, and the value is not stored. ({@code
 *       aRemovalBetweenAPeekAndItsAnswerIsNotUndone})
 *   <li>The key is removed, but the former owner is not told; a get asks it. The removal is not
 *       among the changes that it knew. ({@code aPeekAtAnOwnerThatMissedARemovalIsInVain})
 *   <li>The former owner reads what it knows, then the value; it is told of a removal in between.
 *       There is no value then, or one from after the removal.
 * </ol>
 */
final class FormerOwnerQueries {
  /** The most nodes that are asked for a key, one after the other. */
  private static final int MOST_ASKED = 3;

  private final ClusterOptions options;
  private final ClusterRuntime runtime;
  private final Supplier<ClusterView> view;

  FormerOwnerQueries(ClusterOptions options, ClusterRuntime runtime, Supplier<ClusterView> view) {
    this.options = options;
    this.runtime = runtime;
    this.view = view;
  }

  /** As {@link geecache.Cluster#peek}. */
  @Nullable CompletableFuture<@Nullable PeerValue> ask(LocalGroup group, String key) {
    ClusterView now = view.get();
    FormerOwners former = now.former();
    long time = runtime.ticker().nanos();
    if (!former.isOpen(time) || !now.owns(group.name(), key)) {
      return null;
    }
    Set<String> leftOut = former.leftOut(GroupVersion.of(group), time);
    NodePeer first = former.owner(key, leftOut);
    if (first == null) {
      return null;
    }
    Peek peek = new Peek(former, leftOut, group, key);
    peek.begin(first);
    return peek.answer;
  }

  /** The questions for one key. Its steps follow one another, on different threads. */
  private final class Peek {
    final CompletableFuture<@Nullable PeerValue> answer = new CompletableFuture<>();
    private final FormerOwners former;
    private final LocalGroup group;
    private final String key;
    private final Set<String> leftOut;
    private int asked;

    /** The node that is being asked. Read by the timer, to know which node was too slow. */
    private volatile @Nullable NodePeer current;

    Peek(FormerOwners former, Set<String> leftOut, LocalGroup group, String key) {
      this.former = former;
      this.leftOut = new HashSet<>(leftOut);
      this.group = group;
      this.key = key;
    }

    void begin(NodePeer first) {
      try {
        Future<?> limit =
            runtime
                .timer()
                .schedule(this::giveUp, options.timeout().toMillis(), TimeUnit.MILLISECONDS);
        answer.whenComplete((given, none) -> limit.cancel(false));
        ask(first);
      } catch (RejectedExecutionException closed) {
        answer.complete(null);
      }
    }

    private void giveUp() {
      NodePeer slow = current;
      // Before the answer: a waiting caller may ask for its next key at once.
      if (slow != null && !answer.isDone()) {
        slow.suspendPeeks("it took longer than " + options.timeout().toMillis() + " ms");
      }
      answer.complete(null);
    }

    private void ask(NodePeer peer) {
      asked++;
      leftOut.add(peer.url());
      current = peer;
      peer.node().metOrNot().thenRun(() -> askNow(peer));
    }

    private void askNow(NodePeer peer) {
      if (answer.isDone()) {
        return;
      }
      if (!peer.node().mayBePeekedAt()
          || peer.lacks(GroupVersion.of(group))
          || (former.isSelfNew(runtime.ticker().nanos()) && former.isNewcomer(peer))) {
        askNext();
        return;
      }
      peer.peek(group, key)
          .whenComplete(
              (given, failure) -> {
                if (given != null) {
                  answer.complete(given);
                } else if (failure == null ? isNew(peer) : isWithoutGroup(failure)) {
                  askNext();
                } else {
                  noteFailure(peer, failure);
                  answer.complete(null);
                }
              });
    }

    private boolean isNew(NodePeer peer) {
      return peer.node().isNew(runtime.ticker().nanos(), options.warmJoin().toNanos());
    }

    /** Whether the node turned out to be one that is passed over. */
    private static boolean isWithoutGroup(Throwable failure) {
      return cause(failure) instanceof LinkFailure why && why.isNoSuchGroup();
    }

    private void noteFailure(NodePeer peer, @Nullable Throwable failure) {
      if (cause(failure) instanceof LinkFailure why && !why.isAlive()) {
        peer.suspendPeeks(why.getMessage());
      }
    }

    private static @Nullable Throwable cause(@Nullable Throwable failure) {
      return failure instanceof CompletionException ? failure.getCause() : failure;
    }

    private void askNext() {
      NodePeer next = asked < MOST_ASKED ? former.owner(key, leftOut) : null;
      if (next == null) {
        answer.complete(null);
      } else {
        ask(next);
      }
    }
  }
}
