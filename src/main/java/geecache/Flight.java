package geecache;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One load of one key, under way or waiting for a thread. Callers that want the key meanwhile wait
 * for {@link #outcome}.
 */
final class Flight extends Attempt {
  /** Whether no caller waited when this was made: the old value was served, and this renews it. */
  final boolean refresh;

  /** Whether it replaces a value that had expired. */
  final boolean afterExpiry;

  /** Whether the source is asked even if the former owner of the key may have a value. */
  final boolean fromSource;

  /**
   * Set by the one thread that runs the getter: a loader thread, or the thread of a getter that
   * needs the key.
   */
  private final AtomicBoolean started = new AtomicBoolean();

  /**
   * Guards {@code runner} and {@code interrupted}: an interrupt reaches the getter of this flight,
   * or none.
   */
  private final Object running = new Object();

  private @Nullable Thread runner;

  /**
   * Whether the time of this flight is over and its getter has to be interrupted. Guarded by {@code
   * running}.
   */
  private boolean interrupted;

  /**
   * Whether the time of this flight is over, so that it stores nothing. Written by the timer before
   * another flight of the key can begin; read in the step of the store.
   */
  private volatile boolean abandoned;

  /**
   * Whether the former owner of the key gave the value, and the source was not asked. Written
   * before the outcome.
   */
  volatile boolean peeked;

  /**
   * When what this waits for now began, by the waiting ticker: the question to the former owner,
   * the wait for a place, or the call of the getter. Written by the thread that begins it; a stale
   * read tells the time of the step before.
   */
  volatile long since;

  /**
   * Done when the former owner of the key has answered; null if it is not asked. Written before the
   * flight runs, by the thread that made it. Other threads only wait for it.
   */
  volatile @Nullable CompletableFuture<?> peek;

  /**
   * The number of getters that ask each other in the chain that ends here. Written before this
   * runs.
   */
  int depth = 1;

  /** The flight whose getter asked for this one on its own thread. Guarded by {@link WaitGraph}. */
  @Nullable Flight parent;

  /**
   * The flight that the getter of this one waits for now, or that loads the key of this one too.
   * Guarded by {@link WaitGraph}.
   */
  @Nullable Flight awaited;

  /**
   * Whether a caller loads the key under a lease, and not the getter. Written before this is begun,
   * and by the thread that takes the lease away; a late reader takes the getter's load for a lease.
   */
  volatile boolean byLease;

  /** The lease that was given last; null for none. A late reader sees one that has ended. */
  volatile @Nullable HeldLease lease;

  /**
   * Whether this runs on a loader thread, which may be the last one: what its getter asks for runs
   * there too. Written before this runs.
   */
  boolean onLoader = true;

  Flight(String group, String key, long fence, boolean refresh, boolean afterExpiry) {
    this(group, key, fence, refresh, afterExpiry, refresh);
  }

  private Flight(
      String group,
      String key,
      long fence,
      boolean refresh,
      boolean afterExpiry,
      boolean fromSource) {
    super(group, key, fence);
    this.refresh = refresh;
    this.afterExpiry = afterExpiry;
    this.fromSource = fromSource;
  }

  /** Makes a flight that asks the source, since what other nodes have is of no use. */
  static Flight fromSource(String group, String key, long fence) {
    return new Flight(group, key, fence, false, false, true);
  }

  /**
   * Whether the getter is asked for the key by itself. Written before this is offered once more, by
   * the thread that ran it.
   */
  volatile boolean alone;

  /** Runs this with the context of the get that made it; null if that has none. */
  @Nullable Runnable decorated;

  /** How often this was run. For the thread that runs it. */
  int runs;

  /** What the call of the getter brought. For the thread that runs this, which ends it then. */
  LoadOutcome result = LoadOutcome.FAULT;

  /** What a thread runs that has a place for this; null before. Guarded by {@link LoadLimiter}. */
  @Nullable Runnable given;

  /** The place on whose thread this runs; null before. Used by that thread alone. */
  @Nullable LoadPlace place;

  @Override
  boolean isStalled() {
    CompletableFuture<?> asked = peek;
    return !started.get() && (asked == null || asked.isDone());
  }

  /** Whether the former owner of the key is being asked. */
  boolean isPeeking() {
    CompletableFuture<?> asked = peek;
    return !started.get() && asked != null && !asked.isDone();
  }

  /** Returns true to one caller, which then has to run this. */
  boolean tryStart() {
    return started.compareAndSet(false, true);
  }

  /** Undoes {@link #tryStart}: this is loaded by itself later. */
  void putBack() {
    alone = true;
    result = LoadOutcome.FAULT;
    started.set(false);
  }

  /** Undoes {@link #tryStart}: the lease has ended, and the getter is asked. */
  void endLeases() {
    byLease = false;
    started.set(false);
  }

  boolean hasStarted() {
    return started.get();
  }

  /**
   * Notes that this thread now runs the getter, or goes on with it after the getter of another
   * flight. An interrupt that came meanwhile is due now.
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

  /** Forbids this flight to store: its time is over, and another may be under way. */
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
