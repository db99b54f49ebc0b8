package geecache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Keeps removed values from coming back: a load that began before a removal must not store its
 * result after it. Each removal takes a stamp from one counter. A load notes the counter when it
 * begins, and stores only if no removal of its key has a later stamp.
 *
 * <p>The stamps of keys are kept in a fixed number of stripes. If the key of a load shares a stripe
 * with a removed key, its result may be refused without need: its waiters are answered, and the
 * next get loads again.
 *
 * <p>The stamps alone order nothing. They work because of the places where they are used:
 *
 * <ul>
 *   <li>{@link #raise} and {@link #mayStore} are called inside the store's atomic {@code compute}
 *       of the key. Either the store comes first, and the removal finds the entry and removes it;
 *       or the removal comes first, and the store finds its stamp. There is no step between check
 *       and store.
 *   <li>No atomic step spans all keys: {@code clear} cannot hold the store still. So every entry
 *       has the stamp of its load, and a get ignores an entry that is older than {@link #cleared}.
 * </ul>
 */
final class RemovalStamps {
  private static final int STRIPES = 1024;

  /** The last stamp given out. */
  private final AtomicLong stamps = new AtomicLong();

  /** For each stripe, the stamp of the last removal of any of its keys. Only grows. */
  private final AtomicLongArray removed = new AtomicLongArray(STRIPES);

  private static final VarHandle CLEARED = clearedHandle();

  /**
   * The stamp of the last removal of everything. Only grows. A plain field of this class, because
   * each hit reads it.
   */
  private volatile long cleared;

  /** Returns the stamp of a load that begins now. */
  long current() {
    return stamps.get();
  }

  /**
   * Fences off all loads of {@code key} that began before this, and returns the stamp of the
   * removal.
   */
  long raise(String key) {
    long stamp = stamps.incrementAndGet();
    removed.accumulateAndGet(stripe(key), stamp, Math::max);
    return stamp;
  }

  /** Fences off all loads that began before this, and returns the stamp of the removal. */
  long raiseAll() {
    long stamp = stamps.incrementAndGet();
    long before;
    do {
      before = cleared;
    } while (before < stamp && !CLEARED.compareAndSet(this, before, stamp));
    return stamp;
  }

  /** Whether a load of {@code key} that began with {@code stamp} may still store its result. */
  boolean mayStore(String key, long stamp) {
    return stamp >= removed.get(stripe(key)) && stamp >= cleared;
  }

  /** Returns the stamp of the last removal of everything: older entries count as removed. */
  long cleared() {
    return cleared;
  }

  private static int stripe(String key) {
    int hash = key.hashCode() * 0x9e3779b9;
    return hash >>> (Integer.SIZE - Integer.numberOfTrailingZeros(STRIPES));
  }

  private static VarHandle clearedHandle() {
    try {
      return MethodHandles.lookup().findVarHandle(RemovalStamps.class, "cleared", long.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }
}
