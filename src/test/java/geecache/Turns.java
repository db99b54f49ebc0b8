package geecache;

import org.jspecify.annotations.Nullable;

/**
 * Passes the baton of a {@link SimulatedWorld} between the threads of the JVM. The next thread is
 * drawn by the one that gives the baton away. All methods are called by the thread that has it.
 */
interface Turns {
  /** Gives the baton to {@code next}; returns when the driver has it back. For the driver alone. */
  void resume(SimulatedThread next);

  /**
   * Gives the baton away, and returns when {@code from} has it again.
   *
   * @param next null for the driver
   */
  void pass(SimulatedThread from, @Nullable SimulatedThread next);

  /** Lets threads that were interrupted by an event notice that. For the driver alone. */
  void settle();

  /** Ends the threads of the JVM, which have nothing to do any more. */
  void close();

  /** Returns the fastest kind that this JVM has. */
  static Turns of(SimulatedWorld world) {
    return VirtualTurns.areHere() ? new VirtualTurns(world) : new PlatformTurns(world);
  }
}
