package geecache.internal;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long things of one kind take, told to all that listen. While nobody does, no clock need be
 * read. Safe for use by many threads.
 */
public final class Durations {
  private static final Logger log = LoggerFactory.getLogger(Durations.class);

  private final List<LongConsumer> listeners = new CopyOnWriteArrayList<>();

  /** Makes durations to which nobody listens. */
  public Durations() {}

  /** Tells {@code listener} each duration from now on, in nanoseconds. It must be short. */
  public void listen(LongConsumer listener) {
    listeners.add(listener);
  }

  /** Undoes {@link #listen}. */
  public void forget(LongConsumer listener) {
    listeners.remove(listener);
  }

  /** Whether anybody listens. */
  public boolean isHeard() {
    return !listeners.isEmpty();
  }

  /** Tells a duration. Never throws: a broken listener must not break what is measured. */
  public void tell(long nanos) {
    try {
      listeners.forEach(listener -> listener.accept(nanos));
    } catch (Throwable broken) {
      log.debug("a listener to durations failed", broken);
    }
  }
}
