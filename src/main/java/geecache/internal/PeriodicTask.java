package geecache.internal;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task of a timer that runs again and again. A timer ends such a task in silence when it throws;
 * this one logs what it throws, and goes on. It logs the first failure of several in a row.
 */
public final class PeriodicTask implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(PeriodicTask.class);

  private final String name;
  private final Runnable task;

  /** Whether the last run failed. The timer runs the task on one thread at a time. */
  private boolean failing;

  /**
   * Makes a task that never throws.
   *
   * @param name tells operators what the task does
   */
  public PeriodicTask(String name, Runnable task) {
    this.name = ControlCharacters.escape(name);
    this.task = task;
  }

  @Override
  public void run() {
    try {
      task.run();
      failing = false;
    } catch (RuntimeException | Error failure) {
      if (!failing) {
        log.error("{} failed, and goes on", name, EscapedThrowable.of(failure));
      }
      failing = true;
    }
  }
}
