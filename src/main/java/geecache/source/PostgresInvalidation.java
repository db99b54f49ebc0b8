package geecache.source;

import geecache.Geecache;
import geecache.internal.ControlCharacters;
import geecache.internal.DaemonThreads;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the keys that a PostgreSQL database says it changed. Triggers in the database notify a
 * channel, and every node listens on it, over a connection of its own. {@code docs/sources.md} has
 * the triggers.
 *
 * <p>A node that is notified of a change removes the keys from its own memory at once. One of the
 * nodes is the speaker: it holds a lock in the database, and removes the keys on all nodes. So
 * nodes whose own connection is down are told too, and no node gets the old value from another.
 * When the speaker is gone, another node takes its place, and repeats the notices of the last
 * minute.
 *
 * <p>A node that connects, at first or again, clears the groups in its own memory, since it does
 * not know what it missed. If it also gets the lock at that moment, it clears them on all nodes.
 *
 * <p>Runs on a thread of its own from its start until {@link #close}. Close it before the node.
 * Safe for use by many threads.
 */
public final class PostgresInvalidation implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PostgresInvalidation.class);
  private static final Duration FIRST_DELAY = Duration.ofMillis(250);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final ConnectionSource connections;
  private final String channel;
  private final String lock;
  private final Duration heartbeat;
  private final Duration longestDelay;
  private final NoticeHandler handler;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * Written by the thread, read by {@link #close} after it has set {@code closed}. A listener that
   * is written later ends by itself, since the thread then finds {@code closed} set.
   */
  private volatile @Nullable PostgresListener current;

  /** Written by the thread alone, read by any. */
  private volatile long connects;

  /** Written by the thread alone, read by any. */
  private volatile boolean speaks;

  PostgresInvalidation(
      Geecache node,
      ConnectionSource connections,
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
    this.handler = new NoticeHandler(node, Set.copyOf(groups));
    this.thread = DaemonThreads.single("geecache-invalidation", this::run);
  }

  /**
   * Returns a builder. To a URL the invalidation will open a connection of its own; a pooler in
   * between has to keep sessions. From a {@code DataSource} it takes one connection for good.
   *
   * @throws IllegalArgumentException if the URL of {@code database} is not one of PostgreSQL
   * @throws IllegalStateException if a library is missing; the message says what to add
   */
  public static PostgresInvalidationBuilder builder(Database database) {
    return new PostgresInvalidationBuilder(database);
  }

  void start() {
    thread.start();
  }

  /** Whether this node listens now; false while the database is down. */
  public boolean isListening() {
    return current != null;
  }

  /** Whether this node is the speaker, which removes on all nodes. */
  public boolean isSpeaker() {
    return speaks;
  }

  /** Returns how often this node began to listen. */
  public long connects() {
    return connects;
  }

  /** Returns how many groups this node cleared. */
  public long clears() {
    return handler.clears.get();
  }

  /**
   * Returns how many removals some node did not acknowledge. Such a node is told when it is met
   * again.
   */
  public long notReached() {
    return handler.notReached.get();
  }

  private void run() {
    Duration delay = FIRST_DELAY;
    boolean lost = false;
    while (!isClosed()) {
      long before = connects;
      try (PostgresListener listener = connect()) {
        log.info("listening for changes in the database on channel {}", channel);
        lost = false;
        delay = FIRST_DELAY;
        listen(listener);
      } catch (SQLException
          | RuntimeException
          | Error failure) { // Errors too: memory may suffice again.
        if (!lost && !isClosed()) {
          log.warn(
              "not listening for changes in the database, trying to connect again: {}",
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

  private PostgresListener connect() throws SQLException {
    return new PostgresListener(connections.dataSource().getConnection(), channel, heartbeat);
  }

  private void listen(PostgresListener listener) throws SQLException {
    handler.clearAll(false);
    speaks = listener.tryLock(lock);
    if (speaks) {
      handler.clearAll(true);
    }
    connects++;
    current = listener;
    RecentNotices recent = new RecentNotices();
    long lastHeartbeat = System.nanoTime();
    while (!isClosed()) {
      receive(listener.awaitPayloads(heartbeat), recent);
      if (System.nanoTime() - lastHeartbeat >= heartbeat.toNanos()) {
        beat(listener, recent);
        lastHeartbeat = System.nanoTime();
      }
    }
  }

  private void receive(List<String> payloads, RecentNotices recent) {
    List<Notice> notices = new ArrayList<>();
    for (String payload : payloads) {
      Optional<Notice> notice = Notice.parse(payload);
      if (notice.isPresent()) {
        notices.add(notice.get());
        recent.add(notice.get(), System.nanoTime());
      } else {
        log.warn(
            "a notification on channel {} does not have the documented form; all groups are cleared",
            channel);
        handler.clearAll(speaks);
      }
    }
    handler.handle(notices, speaks);
  }

  /** Makes sure that the database answers, and asks for the lock if another node had it. */
  private void beat(PostgresListener listener, RecentNotices recent) throws SQLException {
    if (speaks) {
      listener.requireAnswer();
      return;
    }
    speaks = listener.tryLock(lock);
    if (speaks) {
      recent
          .find(System.nanoTime())
          .ifPresentOrElse(notices -> handler.handle(notices, true), () -> handler.clearAll(true));
    }
  }

  private Duration longer(Duration delay) {
    Duration twice = delay.multipliedBy(2);
    return twice.compareTo(longestDelay) < 0 ? twice : longestDelay;
  }

  /** Waits up to a quarter less, so that the nodes of a cluster do not all reconnect at once. */
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
    PostgresListener listener = current;
    if (listener != null) {
      listener.abort();
    }
    thread.interrupt();
    try {
      thread.join(CLOSE_LIMIT.toMillis());
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
    connections.close();
  }
}
