package geecache;

import org.jspecify.annotations.Nullable;

/** A thread of a {@link SimulatedWorld}: it runs only while it has the baton. */
final class SimulatedThread {
  private final SimulatedWorld world;
  private final Runnable task;
  private final long number;
  private SimulatedProcess process;

  /** The thread of the JVM; null before the first turn. */
  private @Nullable Thread carrier;

  private boolean interruptedBeforeStart;
  private boolean waiting;
  private boolean waitsInterruptibly;
  private long waits;

  /** Whether it has the baton. Written by the thread that gives it, and by this one. */
  volatile boolean turn;

  SimulatedThread(SimulatedWorld world, SimulatedProcess process, Runnable task, long number) {
    this.world = world;
    this.process = process;
    this.task = task;
    this.number = number;
  }

  long number() {
    return number;
  }

  SimulatedProcess process() {
    return process;
  }

  /** Has it stop and end with another process from now on. Returns the former one. */
  SimulatedProcess enter(SimulatedProcess next) {
    SimulatedProcess former = process;
    process = next;
    return former;
  }

  boolean hasStarted() {
    return carrier != null;
  }

  @Nullable Thread carrier() {
    return carrier;
  }

  /** Notes the JVM's thread that will run it. */
  void carriedBy(Thread thread) {
    carrier = thread;
  }

  /** Runs the task, on the JVM's thread. Never throws. */
  void run() {
    Throwable failure = null;
    try {
      if (interruptedBeforeStart) {
        Thread.currentThread().interrupt();
      }
      task.run();
    } catch (Throwable thrown) {
      failure = thrown;
    } finally {
      Thread.interrupted();
      world.end(this, failure);
    }
  }

  /** Notes that it waits, and returns the number of this wait. */
  long beginWait(boolean interruptibly) {
    waiting = true;
    waitsInterruptibly = interruptibly;
    return ++waits;
  }

  void endWait() {
    waiting = false;
    waitsInterruptibly = false;
  }

  /** Ends the wait of this number, unless it has ended. */
  void wake(long wait) {
    if (waiting && waits == wait) {
      waiting = false;
      world.runnable().add(this);
    }
  }

  /** Ends the wait of a thread that was interrupted, if the wait is one that this ends. */
  void wakeByInterrupt() {
    if (waitsInterruptibly) {
      wake(waits);
    }
  }

  void interrupt() {
    Thread thread = carrier;
    if (thread == null) {
      interruptedBeforeStart = true;
    } else {
      thread.interrupt();
      world.runnable().noteInterrupt(this);
    }
  }
}
