package geecache;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The place of a change in the order on which all nodes agree: a reading of a hybrid logical clock
 * (Kulkarni, Demirbas, Madappa, Avva and Leone, "Logical Physical Clocks", 2014). A change has a
 * later stamp than every change that its node had seen when it was called.
 *
 * @param time 48 bits of milliseconds since 1970, then 16 bits of a counter
 * @param node the id of the node that called the change; breaks ties, and is compared unsigned
 */
public record Stamp(long time, long node) implements Comparable<Stamp> {
  private static final int COUNTER_BITS = 16;

  @Override
  public int compareTo(Stamp other) {
    return time == other.time
        ? Long.compareUnsigned(node, other.node)
        : Long.compareUnsigned(time, other.time);
  }

  /** Returns the time without the counter. */
  public Instant at() {
    return Instant.ofEpochMilli(time >>> COUNTER_BITS);
  }

  /** Whether this is later than {@code other}; true if there is no other. */
  public boolean isAfter(@Nullable Stamp other) {
    return other == null || compareTo(other) > 0;
  }
}
