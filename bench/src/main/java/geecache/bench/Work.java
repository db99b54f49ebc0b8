package geecache.bench;

import geecache.bench.Flood.Target;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * What a server answered in some turns, and what that took. It idles between turns, so that what it
 * does belongs to one of them.
 *
 * @param answers how many
 * @param nanos by the clock
 * @param server processor time of the server's process
 * @param client processor time of the thread that asked
 */
record Work(long answers, long nanos, long server, long client) {
  static final Work NONE = new Work(0, 0, 0, 0);

  private static final ThreadMXBean ACCOUNTS = ManagementFactory.getThreadMXBean();

  /** A turn, in which requests are begun for {@code nanos}. */
  static Work of(Server server, Flood flood, Target target, long nanos) throws IOException {
    long serverBefore = server.processorNanos();
    long clientBefore = ACCOUNTS.getCurrentThreadCpuTime();
    long start = System.nanoTime();
    long answers = flood.ask(target, nanos);
    long taken = System.nanoTime() - start;
    long client = ACCOUNTS.getCurrentThreadCpuTime() - clientBefore;
    return new Work(answers, taken, server.processorNanos() - serverBefore, client);
  }

  Work plus(Work other) {
    return new Work(
        answers + other.answers, nanos + other.nanos, server + other.server, client + other.client);
  }

  /** In thousands a second. */
  double rate() {
    return answers * 1e6 / nanos;
  }

  /** Of the server's processor time for an answer. */
  double serverMicros() {
    return server / 1e3 / answers;
  }

  /** The server's part of the processor time. */
  double serverShare() {
    return (double) server / (server + client);
  }
}
