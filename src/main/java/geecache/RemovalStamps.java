package geecache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Keeps what was removed from coming back: a load that began before a removal must not store its
 * result after it. Each removal takes a stamp from one counter; a load notes the counter when it
 * begins, and stores only if no removal of its key has a later stamp.
 *
 * <p>The stamps of keys are kept in a fixed number of stripes. A load whose key shares a stripe
 * with a removed one may so be refused for nothing: its waiters are answered, and the next get
 * loads again.
 *
 * <p>Taken alone this orders nothing. It is right because of who calls it where:
 *
 * <ul>
 *   <li>{@link #raise} and {@link #mayStore} are called inside the store's atomic {@code compute}
 *       of the key. Either the store comes first, and the removal finds and removes it; or the
 *       removal comes first, and the store finds its stamp. There is no step between check and
 *       store.
 *   <li>No such atom spans all keys: {@code clear} cannot hold the store still. So every entry
 *       bears the counter of its load, and a get ignores one that is older than {@link #cleared}.
 * </ul>
 */
final class RemovalStamps {
  private static final int STRIPES = 1024;

  /** The last stamp given out. */
  private final AtomicLong stamps = new AtomicLong();

  /** By stripe: the stamp of the last removal of any of its keys. Only grows. */
  private final AtomicLongArray removed = new AtomicLongArray(STRIPES);

  private static final VarHandle CLEARED = clearedHandle();

  /** The stamp of the last removal of everything. Only grows. A field, as each hit reads it. */
  private volatile long cleared;

  /** Returns the stamp that a load which begins now compares itself by. */
  long current() {
    return stamps.get();
  }

  /** Fences off all loads of {@code key} begun until now, and returns the stamp of doing so. */
  long raise(String key) {
    long stamp = stamps.incrementAndGet();
    removed.accumulateAndGet(stripe(key), stamp, Math::max);
    return stamp;
  }

  /** Fences off all loads begun until now, and returns the stamp of doing so. */
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

  /** Returns the stamp before which every entry counts as removed. */
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
