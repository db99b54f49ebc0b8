package geecache;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The threads of a {@link SimulatedWorld} that can run, of which one after the other is drawn. */
final class RunnableThreads {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private final RandomGenerator random;
  private final List<SimulatedThread> ready = new ArrayList<>();
  private final List<SimulatedThread> interrupted = new ArrayList<>();
  private long trace;

  RunnableThreads(RandomGenerator random) {
    this.random = random;
  }

  boolean isEmpty() {
    return ready.isEmpty();
  }

  /** Adds a thread, once its process is not stopped. */
  void add(SimulatedThread thread) {
    if (!thread.process().holds(thread)) {
      ready.add(thread);
    }
  }

  /** Takes the threads of a process out. */
  List<SimulatedThread> take(SimulatedProcess process) {
    List<SimulatedThread> taken =
        ready.stream().filter(thread -> thread.process() == process).toList();
    ready.removeAll(taken);
    return taken;
  }

  /** Notes an interrupt: the thread, if it waits, goes on in the next step. */
  void noteInterrupt(SimulatedThread thread) {
    interrupted.add(thread);
  }

  /** Ends the waits of threads that were interrupted since. */
  void wakeInterrupted() {
    if (!interrupted.isEmpty()) {
      interrupted.forEach(SimulatedThread::wakeByInterrupt);
      interrupted.clear();
    }
  }

  /** Takes the thread that runs next; null if none can. */
  @Nullable SimulatedThread draw(long now) {
    int size = ready.size();
    if (size == 0) {
      return null;
    }
    int drawn = size == 1 ? 0 : random.nextInt(size);
    SimulatedThread last = ready.remove(size - 1);
    SimulatedThread next = drawn == size - 1 ? last : ready.set(drawn, last);
    trace = (trace ^ now) * GOLDEN + next.number();
    return next;
  }

  /** Returns a number that tells which threads were drawn, and when. */
  long trace() {
    return trace;
  }
}
