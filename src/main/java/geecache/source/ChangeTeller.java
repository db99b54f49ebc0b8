package geecache.source;

import geecache.ClosedException;
import geecache.Group;
import geecache.NotReachedException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells all nodes of changes of one group, by one call at a time. Changes that come meanwhile are
 * told together by the next call, so that a node which is silent holds up the others once, and
 * never this node itself. Safe for use by many threads.
 */
final class ChangeTeller {
  private static final Logger log = LoggerFactory.getLogger(ChangeTeller.class);

  /** More keys than this are told as a clearing of the group. */
  private static final int MAX_KEYS = 10_000;

  private final Group group;
  private final Runnable countNotReached;

  /** Guards the fields below. Nothing else runs under it. */
  private final Object lock = new Object();

  private @Nullable Notice waiting;
  private boolean underWay;

  /** Whether what waits was refused, and waits for the next heartbeat. */
  private boolean refused;

  /** Done when what waits was told. */
  private CompletableFuture<Void> waitingTold = new CompletableFuture<>();

  /** Done when what is under way was told; this may take more than one call. */
  private CompletableFuture<Void> underWayTold = CompletableFuture.completedFuture(null);

  /** Whether a refusal was logged; it is logged once. Read and written by the end of one call. */
  private volatile boolean refusalLogged;

  ChangeTeller(Group group, Runnable countNotReached) {
    this.group = group;
    this.countNotReached = countNotReached;
  }

  /** Tells of {@code notice}, now or after what is under way. Does not wait. */
  void tell(Notice notice) {
    synchronized (lock) {
      waiting = waiting == null ? notice : merge(waiting, notice);
      if (refused) {
        return;
      }
    }
    tellWaiting();
  }

  static Notice merge(Notice one, Notice other) {
    if (one.keys() == null || other.keys() == null) {
      return new Notice(one.group(), null);
    }
    Set<String> keys = new LinkedHashSet<>(one.keys());
    keys.addAll(other.keys());
    return new Notice(one.group(), keys.size() > MAX_KEYS ? null : keys);
  }

  /** Returns a future that is done once all that was given to {@link #tell} so far was told. */
  CompletableFuture<Void> allTold() {
    synchronized (lock) {
      return waiting != null ? waitingTold : underWayTold;
    }
  }

  /** Tells what waits, unless a call is under way; then the end of that call does. */
  void tellWaiting() {
    Notice next;
    CompletableFuture<Void> told;
    synchronized (lock) {
      if (underWay || waiting == null) {
        return;
      }
      next = waiting;
      told = waitingTold;
      waiting = null;
      waitingTold = new CompletableFuture<>();
      refused = false;
      underWay = true;
      underWayTold = told;
    }
    call(next).whenComplete((done, failure) -> end(next, told, failure));
  }

  private CompletableFuture<Void> call(Notice notice) {
    try {
      return notice.keys() == null ? group.clearAsync() : group.removeAllAsync(notice.keys());
    } catch (RuntimeException | Error refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  private void end(Notice notice, CompletableFuture<Void> told, @Nullable Throwable failure) {
    boolean again = mayBeToldLater(causeOf(failure));
    synchronized (lock) {
      underWay = false;
      refused = again;
      if (again && waiting == null) {
        waiting = notice;
        waitingTold = told;
      } else if (again) {
        waiting = merge(notice, waiting);
        waitingTold.thenRun(() -> told.complete(null));
      }
    }
    if (failure != null) {
      report(causeOf(failure));
    }
    if (!again) {
      told.complete(null);
      tellWaiting();
    }
  }

  /** Whether a change failed for a reason that passes, such as that too much is under way. */
  private static boolean mayBeToldLater(@Nullable Throwable failure) {
    return failure != null
        && !(failure instanceof NotReachedException) // Those nodes are told when met again.
        && !(failure instanceof IllegalStateException)
        && !(failure instanceof ClosedException);
  }

  private static @Nullable Throwable causeOf(@Nullable Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private void report(@Nullable Throwable failure) {
    if (failure instanceof NotReachedException missed) {
      countNotReached.run();
      log.debug("a change in the database was not told to all nodes: {}", missed.getMessage());
    } else if (mayBeToldLater(failure)) {
      countNotReached.run();
      log.warn("a change in the database will be told to the other nodes later: {}", failure);
    } else if (failure != null && !refusalLogged) {
      refusalLogged = true;
      log.warn(
          "changes in the database are removed on this node only, not on its peers: {}",
          failure.getMessage());
    }
  }
}
