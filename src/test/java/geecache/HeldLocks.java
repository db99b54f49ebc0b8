package geecache;

import java.util.Map;
import java.util.Set;

/**
 * Tells whether the calling thread holds a lock of the product, or is inside an atomic step of a
 * map: then it must not stop, since another thread that needs the lock would wait outside of the
 * {@link SimulatedWorld}. Looks at the classes on the stack, and is rather too careful.
 */
final class HeldLocks {
  /** Classes that read the clock, submit a task or call the engine while they hold a lock. */
  private static final Set<String> CLASSES =
      Set.of(
          "java.util.concurrent.ConcurrentHashMap",
          "geecache.HotCache",
          "geecache.cache.LruCache",
          "geecache.cluster.AnnouncedRemovals",
          "geecache.cluster.ChangeLog",
          "geecache.cluster.ChangeSender",
          "geecache.cluster.KnownNode",
          "geecache.cluster.LocalChanges",
          "geecache.cluster.SendQueue",
          "geecache.cluster.ViewHolder");

  /** The methods of these classes that do so when they hold none. */
  private static final Set<String> WITHOUT = Set.of("geecache.cluster.ViewHolder.standing");

  /** The only methods of some classes that do so; others run getters. */
  private static final Map<String, Set<String>> ONLY =
      Map.of(
          "geecache.LoadLimiter", Set.of("offer", "sweep", "sweepLater"),
          "geecache.SingleFlight", Set.of("seatAfterFetch"));

  private static final StackWalker STACK = StackWalker.getInstance();

  private HeldLocks() {}

  static boolean any() {
    return STACK.walk(frames -> frames.anyMatch(HeldLocks::isLocked));
  }

  private static boolean isLocked(StackWalker.StackFrame frame) {
    String name = frame.getClassName();
    return CLASSES.contains(name)
        ? !WITHOUT.contains(name + "." + frame.getMethodName())
        : ONLY.getOrDefault(name, Set.of()).contains(frame.getMethodName());
  }
}
