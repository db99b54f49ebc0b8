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
 *
 * <p>Of the events it can choose a part to be looked at more closely. Which ones follows from a
 * Weyl sequence of their numbers: the chosen ones are spread evenly, and fall into step with no
 * loop of the callers.
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

  /** 2^64 divided by the golden ratio: its multiples are spread evenly (Knuth, 6.4). */
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private static final int STRAY_CELLS = 16;

  /**
   * Numbers the events of threads without a cell, to choose some of them. Written plainly by
   * several threads: a number that gets lost makes no count wrong.
   */
  private final long[] strays = new long[(STRAY_CELLS + 1) * STRIDE];

  /**
   * An event is chosen if its place in the sequence is below this. Written by one thread at a time,
   * read by all that count: a late reader chooses too many or too few for a moment.
   */
  private long chosenBelow = Long.MIN_VALUE;

  /**
   * Chooses one in 2^{@code shift} events from now on; before the first call, none.
   *
   * @param shift 0 for all, at most 63
   */
  void chooseOneIn(int shift) {
    chosenBelow = shift == 0 ? Long.MAX_VALUE : Long.MIN_VALUE + (1L << (Long.SIZE - shift));
  }

  /** Counts an event; returns whether it is one of the chosen. */
  @SuppressWarnings("deprecation") // Thread.threadId() is of JVM 19 only.
  boolean increment() {
    long id = Thread.currentThread().getId();
    int owner = ((int) id & (CELLS - 1)) * STRIDE + STRIDE;
    if (cells[owner] == id || claim(owner, id)) {
      int count = owner + 1;
      // Only this thread writes here. Opaque, so that others see it in time and never in halves.
      long number = (long) LONGS.getOpaque(cells, count) + 1;
      LONGS.setOpaque(cells, count, number);
      return number * GOLDEN < chosenBelow;
    }
    others.increment();
    return chosenBelow != Long.MIN_VALUE && isStrayChosen((int) id);
  }

  private boolean isStrayChosen(int id) {
    int cell = (id & (STRAY_CELLS - 1)) * STRIDE + STRIDE;
    long number = strays[cell] + 1;
    strays[cell] = number;
    return number * GOLDEN < chosenBelow;
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
