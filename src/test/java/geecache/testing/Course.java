package geecache.testing;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Which fault comes next. Not safe for use by several threads. */
final class Course {
  private static final Fault[] ALL = Fault.values();

  private final Deque<Fault> script = new ArrayDeque<>();
  private Fault lasting;
  private @Nullable Random random;

  Course(Fault lasting) {
    this.lasting = lasting;
  }

  void become(Fault fault) {
    script.clear();
    random = null;
    lasting = fault;
  }

  void script(List<Fault> faults) {
    script.clear();
    script.addAll(faults);
    random = null;
  }

  void changeAtRandom(long seed) {
    script.clear();
    random = new Random(seed);
  }

  /** Whether it is the same fault for every request from now on, and which. */
  boolean isAlways(Fault fault) {
    return script.isEmpty() && random == null && lasting == fault;
  }

  /** Returns the fault of the next request. */
  Fault next() {
    Fault scripted = script.poll();
    if (scripted != null) {
      return scripted;
    }
    return random == null ? lasting : ALL[random.nextInt(ALL.length)];
  }
}
