package geecache;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Turns of platform threads. A thread gives the baton to the next one directly; the driver has it
 * only when an event is due. A thread that has ended runs the next one that begins.
 */
final class PlatformTurns implements Turns {
  /** How long the world may really stand still before a thread counts as waiting outside of it. */
  private static final long REAL_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final SimulatedWorld world;
  private final Deque<Worker> idle = new ArrayDeque<>();
  private @Nullable Thread driver;

  /** The thread that had the baton last, for the message about one that keeps it. */
  private volatile @Nullable SimulatedThread last;

  /** Counts turns. Written by the thread that has the baton. */
  private volatile long turns;

  private volatile boolean driversTurn = true;

  PlatformTurns(SimulatedWorld world) {
    this.world = world;
  }

  /** Runs one simulated thread after another. */
  private final class Worker extends Thread {
    private @Nullable SimulatedThread task;
    private volatile boolean turn;
    private volatile boolean closed;

    Worker() {
      super(null, null, "simulated", 0, false);
      setDaemon(true);
    }

    @Override
    public void interrupt() {
      super.interrupt();
      SimulatedThread thread = task;
      if (thread != null && Thread.currentThread() != this) {
        world.runnable().noteInterrupt(thread);
      }
    }

    private void interruptAgain() {
      super.interrupt();
    }

    @Override
    public void run() {
      while (!closed) {
        SimulatedThread mine = task;
        if (mine == null) {
          throw new AssertionError("a turn without a task");
        }
        mine.run();
        task = null;
        SimulatedThread next = world.next();
        if (next != null && !next.hasStarted()) {
          begin(next);
        } else {
          idle.push(this);
          give(next);
          awaitTurn();
        }
      }
    }

    private void begin(SimulatedThread thread) {
      task = thread;
      thread.carriedBy(this);
      last = thread;
    }

    private void takeTurn() {
      turn = true;
      LockSupport.unpark(this);
    }

    private void awaitTurn() {
      boolean interrupted = false;
      while (!turn) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
      turn = false;
      if (interrupted) {
        interruptAgain();
      }
    }
  }

  private void give(@Nullable SimulatedThread next) {
    last = next;
    turns++;
    if (next == null) {
      driversTurn = true;
      LockSupport.unpark(driver);
    } else if (next.carrier() instanceof Worker begun) {
      begun.takeTurn();
    } else {
      Worker free = idle.poll();
      if (free == null) {
        Worker made = new Worker();
        made.begin(next);
        made.start();
      } else {
        free.begin(next);
        free.takeTurn();
      }
    }
  }

  @Override
  public void resume(SimulatedThread next) {
    driver = Thread.currentThread();
    driversTurn = false;
    give(next);
    while (!driversTurn) {
      awaitOwnTurn(turns);
    }
  }

  private void awaitOwnTurn(long before) {
    long end = System.nanoTime() + REAL_NANOS;
    while (!driversTurn && end - System.nanoTime() > 0) {
      LockSupport.parkNanos(this, REAL_NANOS);
      if (Thread.interrupted()) {
        throw new AssertionError("interrupted");
      }
    }
    if (!driversTurn && turns == before) {
      throw new AssertionError("a thread waits outside of the world", whereItIs());
    }
  }

  private Throwable whereItIs() {
    Throwable place = new Throwable("it is here");
    SimulatedThread thread = last;
    Thread carrier = thread == null ? null : thread.carrier();
    if (carrier != null) {
      place.setStackTrace(carrier.getStackTrace());
    }
    return place;
  }

  @Override
  public void pass(SimulatedThread from, @Nullable SimulatedThread next) {
    Worker own = (Worker) Thread.currentThread();
    give(next);
    own.awaitTurn();
  }

  @Override
  public void settle() {} // Its threads tell of interrupts themselves.

  @Override
  public void close() {
    idle.forEach(
        worker -> {
          worker.closed = true;
          worker.takeTurn();
        });
  }
}
