package geecache.testing;

import java.util.concurrent.TimeUnit;

/** The threads of the kit: daemons, with a prefix by which they are known. */
final class Threads {
  static final String PREFIX = "geecache-testing-";

  private static final long JOIN_SECONDS = 10;

  private Threads() {}

  static Thread start(String name, Runnable task) {
    Thread thread = new Thread(task, PREFIX + name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /**
   * Waits for the end of a thread that was told to end.
   *
   * @throws IllegalStateException if it does not come
   */
  static void join(Thread thread) {
    try {
      thread.join(TimeUnit.SECONDS.toMillis(JOIN_SECONDS));
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      return;
    }
    if (thread.isAlive()) {
      throw new IllegalStateException(thread + " goes on");
    }
  }
}
