package geecache;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The gets of other nodes that were told to ask again. Each goes on, so that its load has a get
 * that waits for it; and a result that the store does not keep is there for that node for a second:
 * "absent", a failure, a value without a life or too large. Otherwise each question would load the
 * key once more, and none would be answered.
 *
 * <p>The get of a guest, a node that cannot prove to be one, is given up a second after it was told
 * to ask again. While it waits, it has one of the guests' places of {@link WaiterLimit}. Results
 * for guests take half of the bytes at most.
 *
 * <p>Interleaving: a get of a node begins, the key is removed, and then the node is told to ask
 * again. What the get brings may be older than the removal. So a question takes an answer only if
 * the load that the get waits for began after all removals of the key that this node knows by now.
 * (The get itself may begin while a change has its fence and has not detached the load yet.) Tests:
 * {@code aRemovalVoidsWhatIsHeldForANode}, {@code aGetThatJoinsALoadWhileAChangeVoidsItIsNotHeld}.
 */
final class HeldAnswers {
  private static final Duration LIFE = Duration.ofSeconds(1);

  /** The bytes beside key and value that a held answer takes, roughly. */
  private static final int OVERHEAD = 512;

  private record Asker(long node, String key, boolean guest) {}

  private final GroupStore store;
  private final LoaderThreads loaders;
  private final Ticker ticker;
  private final Counters counters;
  private final Ticker waitTicker;
  private final long maxBytes;
  private final AtomicLong bytes = new AtomicLong();
  private final ConcurrentMap<Asker, Held> held = new ConcurrentHashMap<>();

  HeldAnswers(GroupParts group) {
    this.store = group.store();
    this.loaders = group.node().loaders();
    this.ticker = group.node().ticker();
    this.waitTicker = group.node().waitTicker();
    this.counters = group.counters();
    this.maxBytes = group.settings().maxHeldBytes();
  }

  /**
   * Takes the get of {@code node} that goes on or has landed; null if there is none.
   *
   * @param callers how many callers wait there by now
   */
  @Nullable CompletableFuture<CachedValue> take(long node, String key, boolean guest, int callers) {
    Held found = held.isEmpty() ? null : held.remove(new Asker(node, key, guest));
    if (found == null) {
      return null;
    }
    found.release();
    if (found.get.lease instanceof FlightLease lease) { // It lay here; its holder hears of it now.
      lease.renew(waitTicker.nanos());
    }
    Flight flight = found.get.flight();
    if (store.isSince(flight == null ? 0 : flight.fence, key)) {
      found.get.waitsFor(callers);
      return older(found);
    }
    giveUp(found.get);
    return null;
  }

  /** A value that has landed has the times of that moment, and some has passed. */
  private CompletableFuture<CachedValue> older(Held taken) {
    Long landedAt = taken.landedAt;
    if (landedAt == null || taken.get.isCompletedExceptionally()) {
      return taken.get;
    }
    Duration since = Duration.ofNanos(ticker.nanos() - landedAt);
    return CompletableFuture.completedFuture(taken.get.join().after(since));
  }

  /** Holds {@code get} for {@code node}, which is told to ask again. */
  void hold(long node, String key, boolean guest, PendingGet get) {
    Asker asker = new Asker(node, key, guest);
    Held mine = new Held(get);
    Held former = held.put(asker, mine);
    if (former != null) {
      former.release();
      if (former.get != get) {
        giveUp(former.get);
      }
    }
    if (guest) {
      endLater(asker, mine);
    }
    get.whenComplete((value, failure) -> landed(asker, mine, value, failure));
  }

  private void landed(
      Asker asker, Held mine, @Nullable CachedValue value, @Nullable Throwable failure) {
    mine.landedAt = ticker.nanos();
    boolean inMemory = value != null && value.stored();
    boolean again = failure instanceof LoadTimeoutException late && late.isStillLoading();
    if (inMemory || again || !mine.charge(asker, value)) {
      end(asker, mine);
    } else if (!asker.guest) { // That of a guest has its end.
      endLater(asker, mine);
    }
  }

  private void endLater(Asker asker, Held mine) {
    try {
      mine.endBy(loaders.after(LIFE, () -> end(asker, mine)));
    } catch (RejectedExecutionException | OutOfMemoryError noTimer) {
      end(asker, mine);
    }
  }

  /** Holds a get no longer, unless it was taken. */
  private void end(Asker asker, Held mine) {
    if (held.remove(asker, mine)) {
      giveUp(mine.get);
    }
    mine.release();
  }

  /** Ends a get, unless it has landed; a lease that its node does not take goes to another. */
  private static void giveUp(PendingGet get) {
    Grant lease = get.cancel(false) ? null : get.lease;
    if (lease != null) {
      lease.giveBack();
    }
  }

  /** Returns the bytes that landed answers take now. */
  long bytes() {
    return bytes.get();
  }

  private final class Held {
    private final PendingGet get;

    /** Guarded by this, as the two fields below it are. */
    private long charged;

    private boolean released;

    private @Nullable Future<?> timer;

    /** Null before the get has landed. Written once. */
    private volatile @Nullable Long landedAt;

    Held(PendingGet get) {
      this.get = get;
    }

    /** Counts the bytes of the answer; returns false if there is no room, or it was taken. */
    synchronized boolean charge(Asker asker, @Nullable CachedValue value) {
      if (released) {
        return false;
      }
      long size = OVERHEAD + asker.key.length() + (value == null ? 0 : value.value().length());
      if (bytes.addAndGet(size) > (asker.guest ? maxBytes / 2 : maxBytes)) {
        bytes.addAndGet(-size);
        counters.notHeld.increment();
        return false;
      }
      charged = size;
      return true;
    }

    /** Notes the timer that ends this, which is not needed once this was taken. */
    synchronized void endBy(Future<?> end) {
      timer = end;
      if (released) {
        end.cancel(false);
      }
    }

    synchronized void release() {
      bytes.addAndGet(-charged);
      charged = 0;
      released = true;
      if (timer != null) {
        timer.cancel(false);
      }
    }
  }
}
