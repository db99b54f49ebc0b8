package geecache;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One load of one key, under way or waiting for a thread, and what came of it. Whoever wants the
 * key meanwhile waits for {@link #landing}.
 */
final class Flight extends Attempt {
  /** Whether nobody waited when it was made: the old value was served, and this renews it. */
  final boolean refresh;

  /** Whether it replaces a value that had expired. */
  final boolean afterExpiry;

  /** The one thread that sets it runs the getter: a loader, or one that would else wait for it. */
  private final AtomicBoolean started = new AtomicBoolean();

  /** Guards {@code runner}: an interrupt meets this flight's getter or nothing. */
  private final Object running = new Object();

  private @Nullable Thread runner;

  /** Whether its time is over, and its getter to be interrupted. Guarded by {@code running}. */
  private boolean interrupted;

  /** Written by the timer before another flight of the key can begin; read when storing. */
  private volatile boolean abandoned;

  /**
   * Whether it landed with what another node gave, and asked no source. Written before it lands.
   */
  volatile boolean peeked;

  /**
   * Done when the node that owned the key until lately was asked for it; null if none is. Written
   * before the flight is run by whoever made it, and by others read for a wait alone.
   */
  volatile @Nullable CompletableFuture<?> peek;

  /** How many getters ask each other in the chain that ends here. Written before it runs. */
  int depth = 1;

  /** The flight whose getter asked for this one on its own thread. Guarded by {@link WaitGraph}. */
  @Nullable Flight parent;

  /** The flight that this one's getter waits for now. Guarded by {@link WaitGraph}. */
  @Nullable Flight awaited;

  Flight(String group, String key, long stamp, boolean refresh, boolean afterExpiry) {
    super(group, key, stamp);
    this.refresh = refresh;
    this.afterExpiry = afterExpiry;
  }

  /** Returns true to one caller, who then has to run it. */
  boolean tryStart() {
    return started.compareAndSet(false, true);
  }

  /**
   * Notes that this thread now runs the getter, or runs it again after that of another flight which
   * it asked for: an interrupt that came meanwhile is due now.
   */
  void enter() {
    synchronized (running) {
      runner = Thread.currentThread();
      if (interrupted) {
        runner.interrupt();
      }
    }
  }

  /** Ends what {@link #enter} began, and takes back an interrupt that was meant for this flight. */
  void leave() {
    synchronized (running) {
      runner = null;
      if (interrupted) {
        Thread.interrupted();
      }
    }
  }

  /** Has it store nothing more: its time is over, and another may be under way. */
  void abandon() {
    abandoned = true;
  }

  boolean isAbandoned() {
    return abandoned;
  }

  void interrupt() {
    synchronized (running) {
      interrupted = true;
      if (runner != null) {
        runner.interrupt();
      }
    }
  }
}
