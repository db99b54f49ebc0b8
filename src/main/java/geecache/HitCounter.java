package geecache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts events so frequent that an atomic instruction would cost too much. The first threads that
 * count have a cell each, which no other thread ever writes, and add to it plainly. A thread that
 * finds its cell taken adds to a {@link LongAdder} instead. No count is lost either way, unless a
 * thread class makes up its ids.
 *
 * <p>The cell of a thread follows from its id, and ids are given out in order: the threads of a
 * container's pool rarely share one. A thread keeps its cell for good. If threads come and go
 * without end, as virtual ones do, the later ones find all cells taken.
 */
final class HitCounter {
  private static final int CELLS = 128;

  /**
   * The distance between cells, in longs: two cache lines of 64 bytes. A cell is the id of its
   * owner and its count, and may cross the border of two lines. With one line for each, the count
   * of one thread could share a line with the owner of the next, in one JVM and not in another.
   */
  private static final int STRIDE = 16;

  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

  /** The first lines stay empty: the array's header shares them. */
  private final long[] cells = new long[(CELLS + 1) * STRIDE];

  private final LongAdder others = new LongAdder();

  @SuppressWarnings("deprecation") // Thread.threadId() is of JVM 19 only.
  void increment() {
    long id = Thread.currentThread().getId();
    int owner = ((int) id & (CELLS - 1)) * STRIDE + STRIDE;
    if (cells[owner] == id || claim(owner, id)) {
      int count = owner + 1;
      // Only this thread writes here. Opaque, so that others see it in time and never in halves.
      LONGS.setOpaque(cells, count, (long) LONGS.getOpaque(cells, count) + 1);
    } else {
      others.increment();
    }
  }

  /** Ids are positive, and the owner of a cell is written once: the swap corrects a stale 0. */
  private boolean claim(int owner, long id) {
    return cells[owner] == 0 && LONGS.compareAndSet(cells, owner, 0L, id);
  }

  long sum() {
    long sum = others.sum();
    for (int owner = STRIDE; owner < cells.length; owner += STRIDE) {
      sum += (long) LONGS.getOpaque(cells, owner + 1);
    }
    return sum;
  }
}
