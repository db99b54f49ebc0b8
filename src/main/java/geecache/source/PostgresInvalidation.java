package geecache.source;

import geecache.Geecache;
import geecache.internal.ControlCharacters;
import geecache.internal.DaemonThreads;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what a PostgreSQL database says that it changed: its triggers notify a channel, on which
 * every node listens, over a connection of its own. {@code docs/sources.md} has the trigger.
 *
 * <p>A node that hears of a change removes it from its own memory at once. One of them, which holds
 * a lock in the database, also removes it on all nodes, so that those whose own connection is down
 * are told, and no node gets the old value from another. When that one is gone another takes its
 * place, and repeats what it heard within the last minute.
 *
 * <p>A node that (re)connects clears the groups in its own memory: it does not know what it missed.
 * One that takes the lock without having listened before clears them on all nodes.
 *
 * <p>Runs on a thread of its own from when it is made to {@link #close}, which is to come before
 * the end of the node. Safe for use by many threads.
 */
public final class PostgresInvalidation implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PostgresInvalidation.class);
  private static final Duration FIRST_DELAY = Duration.ofMillis(250);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final Connections connections;
  private final String channel;
  private final String lock;
  private final Duration heartbeat;
  private final Duration longestDelay;
  private final Removals removals;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);

  /** Written by the thread, read by {@link #close}, which looks once more after {@code closed}. */
  private volatile @Nullable Listening current;

  /** Written by the thread alone. */
  private volatile long connects;

  /** Written by the thread alone. */
  private volatile boolean speaks;

  PostgresInvalidation(
      Geecache node,
      Connections connections,
      String channel,
      String cluster,
      Set<String> groups,
      Duration heartbeat,
      Duration longestDelay) {
    this.connections = connections;
    this.channel = channel;
    this.lock = "geecache " + cluster + ' ' + channel;
    this.heartbeat = heartbeat;
    this.longestDelay = longestDelay;
    this.removals = new Removals(node, Set.copyOf(groups));
    this.thread = DaemonThreads.single("geecache-invalidation", this::run);
  }

  /**
   * Begins the description of one. To a URL it will have a connection of its own; past a pooler it
   * has to be one that keeps sessions. Of a {@code DataSource} it keeps one connection for good.
   *
   * @throws IllegalArgumentException if {@code database} is none of PostgreSQL, by its URL
   * @throws IllegalStateException if a library is not there; the message says what to add
   */
  public static PostgresInvalidationBuilder builder(Database database) {
    return new PostgresInvalidationBuilder(database);
  }

  void start() {
    thread.start();
  }

  /** Whether it listens now; false while the database is away. */
  public boolean isListening() {
    return current != null;
  }

  /** Whether this node removes on all nodes what it hears of. */
  public boolean isSpeaker() {
    return speaks;
  }

  /** Returns how often it connected. */
  public long connects() {
    return connects;
  }

  /** Returns how many groups it cleared. */
  public long clears() {
    return removals.clears.get();
  }

  /** Returns how many removals did not reach all nodes; who missed them is told when it is met. */
  public long notReached() {
    return removals.notReached.get();
  }

  private void run() {
    Duration delay = FIRST_DELAY;
    boolean lost = false;
    while (!isClosed()) {
      long before = connects;
      try (Listening listening = connect()) {
        log.info("listening for changes in the database on channel {}", channel);
        lost = false;
        delay = FIRST_DELAY;
        listen(listening);
      } catch (SQLException | RuntimeException | Error failure) { // No memory may be for a moment.
        if (!lost && !isClosed()) {
          log.warn(
              "not listening for changes in the database; trying again: {}",
              ControlCharacters.escape(String.valueOf(failure)));
        }
        lost = true;
      } finally {
        current = null;
        speaks = false;
      }
      delay = connects > before ? FIRST_DELAY : longer(delay);
      pause(delay);
    }
  }

  private Listening connect() throws SQLException {
    return new Listening(connections.source().getConnection(), channel, heartbeat);
  }

  private void listen(Listening listening) throws SQLException {
    removals.clearAll(false);
    speaks = listening.takeLock(lock);
    if (speaks) {
      removals.clearAll(true);
    }
    connects++;
    current = listening;
    Heard heard = new Heard();
    long beat = System.nanoTime();
    while (!isClosed()) {
      hear(listening.next(heartbeat), heard);
      if (System.nanoTime() - beat >= heartbeat.toNanos()) {
        keepPlace(listening, heard);
        beat = System.nanoTime();
      }
    }
  }

  private void hear(List<String> payloads, Heard heard) {
    List<Notice> notices = new ArrayList<>();
    for (String payload : payloads) {
      Notice notice = Notice.read(payload);
      if (notice == null) {
        log.warn(
            "a notification on channel {} is not of the form that is documented, and so clears all"
                + " groups",
            channel);
        removals.clearAll(speaks);
      } else {
        notices.add(notice);
        heard.add(notice, System.nanoTime());
      }
    }
    removals.carryOut(notices, speaks);
  }

  /** Asks the database for a sign of life, and for the lock, if another had it. */
  private void keepPlace(Listening listening, Heard heard) throws SQLException {
    if (speaks) {
      listening.beat();
      return;
    }
    speaks = listening.takeLock(lock);
    if (speaks) {
      List<Notice> recent = heard.recent(System.nanoTime());
      if (recent == null) {
        removals.clearAll(true);
      } else {
        removals.carryOut(recent, true);
      }
    }
  }

  private Duration longer(Duration delay) {
    Duration twice = delay.multipliedBy(2);
    return twice.compareTo(longestDelay) < 0 ? twice : longestDelay;
  }

  /** Up to a quarter less, so that the nodes of a cluster do not all come back at once. */
  private void pause(Duration delay) {
    long nanos = delay.toNanos();
    try {
      closed.await(
          nanos - ThreadLocalRandom.current().nextLong(nanos / 4 + 1), TimeUnit.NANOSECONDS);
    } catch (InterruptedException ours) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isClosed() {
    return closed.getCount() == 0 || Thread.currentThread().isInterrupted();
  }

  /** Stops listening, and waits up to 5 s for its thread. Closing twice does nothing. */
  @Override
  public void close() {
    if (closed.getCount() == 0) {
      return;
    }
    closed.countDown();
    Listening listening = current;
    if (listening != null) {
      listening.abort();
    }
    thread.interrupt();
    try {
      thread.join(CLOSE_LIMIT.toMillis());
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
    connections.end().run();
  }
}
