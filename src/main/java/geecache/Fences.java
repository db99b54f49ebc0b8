package geecache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Keeps removed values from coming back: a load that began before a removal must not store its
 * result after it. Each removal raises a fence, a number from one counter of this node's group. A
 * load notes the counter when it begins, and stores only if no later fence was raised for its key.
 *
 * <p>The fences of keys are kept in a fixed number of stripes. If the key of a load shares a stripe
 * with a removed key, its result may be refused without need: its waiters are answered, and the
 * next get loads again.
 *
 * <p>Fences order nothing by themselves. They work because of the places where they are used:
 *
 * <ul>
 *   <li>{@link #raise} and {@link #mayStore} are called inside the store's atomic {@code compute}
 *       of the key. Either the store comes first, and the removal finds the entry and removes it;
 *       or the removal comes first, and the store finds its fence. There is no step between check
 *       and store.
 *   <li>No atomic step spans all keys: {@code clear} cannot hold the store still. So every entry
 *       has the fence of its load, and a get ignores an entry that {@link #isCleared}.
 * </ul>
 *
 * <p>A fence belongs to one node, and says what came first there. A {@link Stamp} belongs to the
 * cluster, and says which change is the later one. A clearing has both, because it leaves values
 * alone that were set with a later stamp. Only the latest stamp of a clearing is kept. That is
 * enough, because no value is stored that a clearing with a lower fence and a later stamp should
 * have taken away: a clearing writes its stamp before it raises its fence, and a value is stored
 * only if {@link #clearingAfter} finds nothing once the fence of the value is known. So a value
 * that was set is gone if both its fence and its stamp are below those of the clearings:
 *
 * <ol>
 *   <li>A value is set; a clearing with a later stamp comes, and its walk misses the value. Fence
 *       and stamp of the value are below. ({@code whatAClearingMissesIsNotSeen})
 *   <li>A value is set; a clearing with an earlier stamp comes. The fence of the value is below,
 *       its stamp is not. It is in sight before, during and after the walk. ({@code
 *       whatWasSetLaterIsInSightAllThroughAClearing})
 *   <li>A clearing with a later stamp comes; a value is set. The fence of the value is above, and
 *       would show it. But the stamp of the clearing was written before either fence, and so the
 *       value is not stored. ({@code whatWasSetBeforeTheLastClearingIsNotStored})
 *   <li>A set raises its fence and finds no such clearing; the clearing writes its stamp and raises
 *       its fence; the set stores. Fence and stamp of the value are below. ({@code
 *       aSetThatAClearingOvertakesIsNotSeen})
 *   <li>A clearing with an earlier stamp has raised its fence; one with a later stamp has written
 *       its stamp, and not raised its fence yet. A get finds both below, and does not see a value
 *       that the second clearing is about to remove. No later get sees it either, since the stamp
 *       only grows. ({@code whatAClearingIsAboutToRemoveMayBeGoneEarly})
 * </ol>
 */
final class Fences {
  private static final int STRIPES = 1024;

  /** The last fence raised. */
  private final AtomicLong raised = new AtomicLong();

  /** For each stripe, the last fence raised for any of its keys. Only grows. */
  private final AtomicLongArray removed = new AtomicLongArray(STRIPES);

  /** For each stripe, when its last fence was raised; at first, when this was made. Only grows. */
  private final AtomicLongArray removedAt = new AtomicLongArray(STRIPES);

  /** When the last fence for all keys was raised. Only grows. */
  private final AtomicLong clearedAt;

  private final Ticker ticker;

  private static final VarHandle CLEARED = clearedHandle();

  /** The last fence raised for all keys. Only grows. A plain field, because each hit reads it. */
  private volatile long cleared;

  /** The latest stamp of a clearing. Only grows, and is written before its fence is raised. */
  private final AtomicReference<@Nullable Stamp> clearing = new AtomicReference<>();

  /**
   * Raised none yet.
   *
   * @param ticker by which times of removals are noted
   */
  Fences(Ticker ticker) {
    this.ticker = ticker;
    long made = ticker.nanos();
    this.clearedAt = new AtomicLong(made);
    for (int i = 0; i < STRIPES; i++) {
      removedAt.set(i, made);
    }
  }

  private static long laterTime(long one, long other) {
    return one - other > 0 ? one : other;
  }

  /**
   * Whether no fence was raised for {@code key} at {@code time} or later. A time before this was
   * made is before all that it knows: then the answer is no.
   */
  boolean isUnremovedSince(long time, String key) {
    return time - removedAt.get(stripe(key)) > 0 && time - clearedAt.get() > 0;
  }

  /** Returns the fence of a load that begins now. */
  long current() {
    return raised.get();
  }

  /** Fences off all loads of {@code key} that began before this, and returns the fence. */
  long raise(String key) {
    long fence = raised.incrementAndGet();
    removed.accumulateAndGet(stripe(key), fence, Math::max);
    removedAt.accumulateAndGet(stripe(key), ticker.nanos(), Fences::laterTime);
    return fence;
  }

  /**
   * Fences off all loads that began before this, and hides all entries but those that were set with
   * a stamp that is not before {@code stamp}. Returns the fence.
   */
  long raiseAll(Stamp stamp) {
    noteClearing(stamp);
    clearedAt.accumulateAndGet(ticker.nanos(), Fences::laterTime);
    long fence = raised.incrementAndGet();
    long before;
    do {
      before = cleared;
    } while (before < fence && !CLEARED.compareAndSet(this, before, fence));
    return fence;
  }

  /** The first step of {@link #raiseAll}. */
  void noteClearing(Stamp stamp) {
    clearing.accumulateAndGet(stamp, Fences::later);
  }

  private static Stamp later(@Nullable Stamp one, Stamp other) {
    return one == null || other.isAfter(one) ? other : one;
  }

  /** Whether a load of {@code key} that began with {@code fence} may still store its result. */
  boolean mayStore(String key, long fence) {
    return fence >= removed.get(stripe(key)) && fence >= cleared;
  }

  /**
   * Returns the stamp of a clearing that is later than {@code change}, and so took away what was
   * set then; null if there is none. To be asked after the fence of the value was noted or raised.
   */
  @Nullable Stamp clearingAfter(Stamp change) {
    Stamp latest = clearing.get();
    return latest != null && latest.isAfter(change) ? latest : null;
  }

  /** Whether a clearing took {@code entry} away. A hit ends with the first comparison. */
  boolean isCleared(Entry entry) {
    return entry.fence < cleared && isClearedBy(clearing.get(), entry.change());
  }

  private static boolean isClearedBy(@Nullable Stamp clearing, @Nullable Stamp change) {
    return change == null || (clearing != null && clearing.isAfter(change));
  }

  private static int stripe(String key) {
    int hash = key.hashCode() * 0x9e3779b9;
    return hash >>> (Integer.SIZE - Integer.numberOfTrailingZeros(STRIPES));
  }

  private static VarHandle clearedHandle() {
    try {
      return MethodHandles.lookup().findVarHandle(Fences.class, "cleared", long.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }
}
