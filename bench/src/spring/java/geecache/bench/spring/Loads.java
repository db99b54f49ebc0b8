package geecache.bench.spring;

import java.util.concurrent.atomic.AtomicLong;

/** Counts what was loaded for all instances of one system. For many threads. */
final class Loads {
  private final AtomicLong all = new AtomicLong();
  private final AtomicLong late = new AtomicLong();

  /** Written by the one thread that changes the row, before it commits. */
  private volatile long changed;

  /** Takes what a load brings, when it brings it. */
  void ended(long number) {
    all.incrementAndGet();
    if (number < changed) {
      late.incrementAndGet();
    }
  }

  /** Says that the row is {@code number} as soon as that is committed. */
  void changed(long number) {
    changed = number;
  }

  long all() {
    return all.get();
  }

  /** How many ended when the row had been changed, and brought that of before. */
  long late() {
    return late.get();
  }
}
