package geecache;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Turns of virtual threads, all of which the driver's thread carries: passing the baton costs less
 * than a microsecond, where two platform threads need ten. The JVM has to have virtual threads
 * (from 21 on) and {@code --add-opens java.base/java.lang=ALL-UNNAMED}, since it lets no other code
 * choose a carrier.
 */
final class VirtualTurns implements Turns {
  private static final @Nullable MethodHandle MAKER = maker();

  private final SimulatedWorld world;
  private final Queue<Runnable> unparked = new ArrayDeque<>();
  private final Executor carrier = unparked::add;

  /** The thread to which the last one gave the baton; null for the driver. */
  private @Nullable SimulatedThread given;

  VirtualTurns(SimulatedWorld world) {
    this.world = world;
  }

  static boolean areHere() {
    return MAKER != null;
  }

  private static @Nullable MethodHandle maker() {
    try {
      Class<?> builders = Class.forName("java.lang.ThreadBuilders");
      return MethodHandles.privateLookupIn(builders, MethodHandles.lookup())
          .findStatic(
              builders,
              "newVirtualThread",
              MethodType.methodType(
                  Thread.class, Executor.class, String.class, int.class, Runnable.class));
    } catch (ReflectiveOperationException notHere) {
      return null;
    }
  }

  private Thread make(Runnable task) {
    try {
      return (Thread) MAKER.invokeExact(carrier, (String) null, 0, task);
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  @Override
  public void resume(SimulatedThread first) {
    for (SimulatedThread next = first; next != null; next = given) {
      given = null;
      next.turn = true;
      Thread thread = next.carrier();
      if (thread == null) {
        begin(next);
      } else {
        LockSupport.unpark(thread);
      }
      settle();
    }
  }

  private void begin(SimulatedThread next) {
    Thread thread =
        make(
            () -> {
              next.run();
              given = world.next();
            });
    next.carriedBy(thread);
    thread.start();
  }

  @Override
  public void pass(SimulatedThread from, @Nullable SimulatedThread next) {
    given = next;
    from.turn = false;
    boolean interrupted = false;
    while (!from.turn) {
      LockSupport.park(this);
      if (Thread.interrupted()) {
        interrupted = true;
        world.runnable().noteInterrupt(from);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void settle() {
    for (Runnable next = unparked.poll(); next != null; next = unparked.poll()) {
      next.run();
    }
  }

  @Override
  public void close() {}
}
