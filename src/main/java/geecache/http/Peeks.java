package geecache.http;

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
 * Asks whoever owned a key until lately what it holds, where this node owns the key now. Who has
 * just joined itself may hold nothing yet: after it the one before it is asked.
 *
 * <p>What a question brings is fenced as a load is, and it names all removals of the key that this
 * node remembers; who is asked carries out those it does not know before it answers. Interleavings:
 *
 * <ol>
 *   <li>The former owner answers; the key is removed; the answer comes. The removal's stamp is
 *       later than the flight's beginning, and the value is not stored. ({@code
 *       aRemovalBetweenAPeekAndItsAnswerIsNotUndone})
 *   <li>The key is removed, which the former owner does not hear; a get asks it. The question names
 *       the removal, and finds nothing. ({@code aPeekNamesTheRemovalsThatTheFormerOwnerMissed})
 * </ol>
 */
final class Peeks {
  /** How many nodes are asked for a key, one after the other. */
  private static final int MOST_ASKED = 3;

  private final PeerLinks links;
  private final Supplier<View> view;

  Peeks(PeerLinks links, Supplier<View> view) {
    this.links = links;
    this.view = view;
  }

  /** As {@link geecache.Cluster#peek}. */
  @Nullable CompletableFuture<@Nullable PeerValue> ask(LocalGroup group, String key) {
    View now = view.get();
    Former former = now.former();
    long time = System.nanoTime();
    if (!former.isOpen(time) || !now.owns(key)) {
      return null;
    }
    Set<String> leftOut = former.isSelfNew(time) ? former.newcomers() : Set.of();
    HTTPPeer first = former.owner(key, leftOut);
    if (first == null) {
      return null;
    }
    Peek peek = new Peek(former, leftOut, group, key);
    peek.begin(first);
    return peek.answer;
  }

  /** One key that is asked for. Its steps follow one another, on different threads. */
  private final class Peek {
    final CompletableFuture<@Nullable PeerValue> answer = new CompletableFuture<>();
    private final Former former;
    private final LocalGroup group;
    private final String key;
    private final Set<String> leftOut;
    private int asked;

    /** Read by the timer, to say who was too slow. */
    private volatile @Nullable HTTPPeer current;

    Peek(Former former, Set<String> leftOut, LocalGroup group, String key) {
      this.former = former;
      this.leftOut = new HashSet<>(leftOut);
      this.group = group;
      this.key = key;
    }

    void begin(HTTPPeer first) {
      try {
        Future<?> limit =
            links
                .timer()
                .schedule(
                    this::giveUp, links.options().silence().toMillis(), TimeUnit.MILLISECONDS);
        answer.whenComplete((given, none) -> limit.cancel(false));
        ask(first);
      } catch (RejectedExecutionException closed) {
        answer.complete(null);
      }
    }

    private void giveUp() {
      HTTPPeer slow = current;
      if (slow != null && !answer.isDone()) { // First: whoever waits may ask for its next key.
        slow.peekNoMore("it took longer than " + links.options().silence().toMillis() + " ms");
      }
      answer.complete(null);
    }

    private void ask(HTTPPeer peer) {
      asked++;
      leftOut.add(peer.url());
      current = peer;
      peer.metOrNot().thenRun(() -> askNow(peer));
    }

    private void askNow(HTTPPeer peer) {
      if (answer.isDone()) {
        return;
      }
      if (!peer.mayBePeekedAt()
          || (former.isSelfNew(System.nanoTime()) && former.isNewcomer(peer))) {
        askNext();
        return;
      }
      peer.peek(group, key)
          .whenComplete(
              (given, failure) -> {
                if (given != null) {
                  answer.complete(given);
                } else if (failure == null && peer.isNew(links.options().warmJoin().toNanos())) {
                  askNext();
                } else {
                  noteFailure(peer, failure);
                  answer.complete(null);
                }
              });
    }

    private void noteFailure(HTTPPeer peer, @Nullable Throwable failure) {
      Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
      if (cause instanceof PeerFailure why && !why.isAlive()) {
        peer.peekNoMore(why.getMessage());
      }
    }

    private void askNext() {
      HTTPPeer next = asked < MOST_ASKED ? former.owner(key, leftOut) : null;
      if (next == null) {
        answer.complete(null);
      } else {
        ask(next);
      }
    }
  }
}
