package geecache.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.Geecache;
import geecache.Ticker;
import geecache.internal.DaemonThreads;
import geecache.source.PostgresListener.Payload;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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
 * nodes whose own connection is down are told too, and no node gets the old value from another. At
 * each heartbeat the speaker says up to where it has told all nodes. When it is gone, another node
 * takes its place, and repeats the rest.
 *
 * <p>A node that connects, at first or again, clears the groups in its own memory, since it does
 * not know what it missed. A node that becomes the speaker without knowing all that may be untold
 * clears them on all nodes. It asks for the lock at once when it connects for the first time; later
 * it leaves the lock to those that know more, for two heartbeats.
 *
 * <p>Runs on a thread of its own from its start until {@link #close}. Close it before the node.
 * Safe for use by many threads.
 */
public final class PostgresInvalidation implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PostgresInvalidation.class);
  private static final Duration FIRST_DELAY = Duration.ofMillis(250);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  /** After so many heartbeats without a sign nobody speaks. */
  private static final int SILENT_BEATS = 5;

  private final ConnectionSource connections;
  private final String channel;
  private final String signs;
  private final String lock;
  private final Duration heartbeat;
  private final Duration longestDelay;
  private final NoticeHandler handler;
  private final ListeningReport report;
  private final DeafLimits deafLimits;
  private final Ticker ticker;
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
      PostgresInvalidationBuilder options,
      ListeningReport report,
      Ticker ticker) {
    this.connections = connections;
    this.channel = options.channel;
    this.lock = "geecache " + options.cluster + ' ' + channel;
    this.signs = signChannel(lock);
    this.heartbeat = options.heartbeat;
    this.longestDelay = options.longestDelay;
    this.handler = new NoticeHandler(node, Set.copyOf(options.groups));
    this.report = report;
    this.deafLimits = new DeafLimits(options.ttlsWhileDeaf, handler::clearHere);
    this.ticker = ticker;
    this.thread = DaemonThreads.single("geecache-invalidation", this::run);
  }

  /** Clusters that share a channel have a lock each, and so signs of their own. */
  private static String signChannel(String lock) {
    UUID digest = UUID.nameUUIDFromBytes(lock.getBytes(UTF_8));
    return "geecache_speaker_" + HexFormat.of().toHexDigits(digest.getMostSignificantBits());
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

  /**
   * Returns why this node does not listen; nothing while it does, and for the first minute after a
   * connection was lost. A load balancer should not send requests for groups whose values have no
   * other end to such a node.
   */
  public Optional<String> problem() {
    return report.problem();
  }

  private void run() {
    Duration delay = FIRST_DELAY;
    while (!isClosed()) {
      long before = connects;
      try (PostgresListener listener = connect()) {
        listen(listener);
      } catch (SQLException
          | RuntimeException
          | Error failure) { // Errors too: memory may suffice again.
        if (!isClosed()) {
          report.isDeaf(failure);
          deafLimits.begin();
        }
      } finally {
        current = null;
        speaks = false;
      }
      delay = connects > before ? FIRST_DELAY : longer(delay);
      pause(delay);
    }
  }

  private PostgresListener connect() throws SQLException {
    return new PostgresListener(connections.dataSource(), channel, signs, heartbeat);
  }

  private void listen(PostgresListener listener) throws SQLException {
    handler.clearAll(false);
    Hearing hearing = new Hearing(listener);
    connects++;
    current = listener;
    report.listens(channel);
    deafLimits.end();
    long lastBeat = ticker.nanos();
    while (!isClosed()) {
      long left = heartbeat.toNanos() - (ticker.nanos() - lastBeat);
      if (left > 0) {
        hearing.receive(listener.awaitPayloads(Duration.ofNanos(left)));
      } else {
        hearing.beat();
        report.heard();
        lastBeat = ticker.nanos();
      }
    }
  }

  /** What this node knows since it listens, by one connection. For the thread alone. */
  private final class Hearing {
    private final PostgresListener listener;
    private final UntoldNotices untold = new UntoldNotices();

    /** Names this connection among those that speak. */
    private final String self = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());

    /** When the last sign came, or listening began. */
    private long lastSign = ticker.nanos();

    private long signsSent;

    /** The own sign before which all is told. Written when a telling ends, by any thread. */
    private final AtomicLong told = new AtomicLong();

    Hearing(PostgresListener listener) throws SQLException {
      this.listener = listener;
      boolean first = connects == 0;
      if (first
          && listener.tryLock(lock)) { // Else one with a bad connection would clear all nodes.
        speak();
      }
    }

    private void speak() throws SQLException {
      speaks = true;
      untold
          .find()
          .ifPresentOrElse(notices -> handler.handle(notices, true), () -> handler.clearAll(true));
      sendSign();
    }

    private void sendSign() throws SQLException {
      listener.send(new SpeakerSign(self, ++signsSent, told.get()));
    }

    void receive(List<Payload> payloads) {
      List<Notice> notices = new ArrayList<>();
      for (Payload payload : payloads) {
        if (payload.isSign()) {
          handler.handle(notices, speaks); // What came before the sign, so that it can be told.
          notices.clear();
          SpeakerSign.parse(payload.text()).ifPresent(this::hear);
        } else {
          List<Notice> told = parse(payload.text());
          told.forEach(untold::add);
          notices.addAll(told);
        }
      }
      handler.handle(notices, speaks);
    }

    private List<Notice> parse(String payload) {
      Optional<Notice> notice = Notice.parse(payload);
      if (notice.isEmpty()) {
        log.warn(
            "a notification on channel {} does not have the documented form; all groups are"
                + " cleared",
            channel);
      }
      return notice.map(List::of).orElseGet(handler::ofEverything);
    }

    private void hear(SpeakerSign sign) {
      untold.hear(sign);
      lastSign = ticker.nanos();
      report.somebodySpeaks();
      if (sign.speaker().equals(self)) {
        handler.allTold().thenRun(() -> told.accumulateAndGet(sign.number(), Math::max));
      }
    }

    /** Makes sure that the database answers; speaks, or asks for the lock if nobody does. */
    void beat() throws SQLException {
      if (speaks) {
        handler.tellWaiting();
        sendSign();
        return;
      }
      Duration silence = Duration.ofNanos(ticker.nanos() - lastSign);
      boolean othersMayKnowMore =
          !untold.isComplete() && silence.compareTo(heartbeat.multipliedBy(2)) < 0;
      if (othersMayKnowMore) {
        listener.requireAnswer();
      } else if (listener.tryLock(lock)) {
        speak();
      } else if (silence.compareTo(heartbeat.multipliedBy(SILENT_BEATS)) >= 0) {
        report.nobodySpeaks(silence);
        endSilentHolder();
      }
    }

    private void endSilentHolder() throws SQLException {
      try {
        listener.endSilentHolder(lock, heartbeat.multipliedBy(SILENT_BEATS));
      } catch (SQLException refused) {
        listener.requireAnswer(); // It is no right of this user, and the connection is well.
      }
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
    deafLimits.close();
    connections.close();
  }
}
