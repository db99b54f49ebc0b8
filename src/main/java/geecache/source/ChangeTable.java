package geecache.source;

import geecache.Geecache;
import geecache.Group;
import geecache.NotReachedException;
import geecache.Ticker;
import geecache.internal.ControlCharacters;
import geecache.internal.DaemonThreads;
import geecache.source.ChangeRows.Row;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the keys that a table of a database names, which triggers or applications fill in the
 * transactions that change what the keys stand for. For every database with JDBC; {@code
 * docs/sources.md} has the table.
 *
 * <p>Rows are consumed: all nodes are told to remove the keys, and then the rows are deleted. So
 * the order of commits does not matter, nothing is missed while no node reads or the database is
 * down, and nothing is cleared that need not be. A node that ends in between leaves the rows to
 * another, which tells them once more. A node that is out of contact with all others reads nothing.
 *
 * <p>One node of the cluster reads: the one that owns the name of the table. The others look a
 * tenth as often, and read the rows that they have seen at their former look too, and then all
 * others: that node is gone, or has no connection to the database.
 *
 * <p>Runs on a thread of its own from its start until {@link #close}. Start it once the node has
 * its peers, and close it before the node. Safe for use by many threads.
 */
public final class ChangeTable implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ChangeTable.class);

  /** So many times as long as that of the reader is the pause of the others. */
  private static final int PATIENCE = 10;

  private static final int VALID_SECONDS = 5;
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration WARN_AGAIN = Duration.ofMinutes(1);
  private static final Duration TELL_LIMIT = Duration.ofMinutes(1);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final Geecache node;
  private final ConnectionSource connections;
  private final String database;
  private final Set<String> groups;
  private final ChangeRows rows;
  private final String name;
  private final Duration every;
  private final Ticker ticker;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicLong told = new AtomicLong();
  private final AtomicLong notReached = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();

  /**
   * Written by the thread, read by {@link #close}, which aborts it. One that is written later is
   * closed by the thread itself, which then finds {@code closed} set.
   */
  private volatile @Nullable Connection connection;

  /** The rows that the former look found. For the thread alone, as all below. */
  private Set<Long> seen = new HashSet<>();

  /**
   * The rows that were told, and could not be deleted. For one connection: a database that another
   * one takes the place of may give a number twice.
   */
  private final Set<Long> undeleted = new HashSet<>();

  /** Whether this node reads in place of the one that should. */
  private boolean standsIn;

  /** The pause after the last failure; zero while there is none. */
  private Duration pause = Duration.ZERO;

  private @Nullable Long warned;

  ChangeTable(
      Geecache node,
      ConnectionSource connections,
      String database,
      ChangeTableBuilder options,
      Ticker ticker) {
    this.node = node;
    this.connections = connections;
    this.database = ControlCharacters.escape(database);
    this.groups = new LinkedHashSet<>(options.groups);
    this.rows = new ChangeRows(options.table);
    this.name = "geecache " + options.table;
    this.every = options.every;
    this.ticker = ticker;
    this.thread = DaemonThreads.single("geecache-changes", this::run);
  }

  /**
   * Returns a builder. To a URL each node will hold a connection of its own; from a {@code
   * DataSource} it takes one for good.
   */
  public static ChangeTableBuilder builder(Database database) {
    return new ChangeTableBuilder(database);
  }

  void start() {
    thread.start();
  }

  /** Returns how many rows this node has told and deleted. */
  public long told() {
    return told.get();
  }

  /**
   * Returns how many removals some node did not acknowledge. Such a node is told when it is met
   * again.
   */
  public long notReached() {
    return notReached.get();
  }

  /** Returns how often reading, telling or deleting failed. */
  public long failures() {
    return failures.get();
  }

  private void run() {
    log.info(
        "reading changes from {} of {}, for groups {}",
        rows,
        database,
        ControlCharacters.escape(String.join(", ", new TreeSet<>(groups))));
    while (!isClosed()) {
      boolean more = false;
      try {
        more = look();
        recovered();
      } catch (InterruptedException ours) {
        Thread.currentThread().interrupt();
      } catch (SQLException failure) {
        recover();
        failed(failure);
      } catch (RuntimeException | Error failure) { // Memory may suffice again.
        failed(failure);
      }
      if (!more) {
        pause();
      }
    }
    disconnect();
  }

  /** Tells what is due. Returns whether there may be more. */
  private boolean look() throws SQLException, InterruptedException {
    List<String> registered = groups.stream().filter(name -> node.find(name).isPresent()).toList();
    if (registered.isEmpty() || !node.local().cluster().isJoined()) {
      return false;
    }
    Connection open = connected();
    List<Row> found = new ArrayList<>(rows.read(open, registered));
    found.removeIf(row -> !registered.contains(row.group())); // Some databases ignore case.
    List<Row> due =
        isReader() || standsIn
            ? found
            : found.stream().filter(row -> seen.contains(row.id())).toList();
    seen = new HashSet<>();
    found.forEach(row -> seen.add(row.id()));
    standsIn = !due.isEmpty();
    if (due.isEmpty() || isClosed()) {
      return false;
    }
    tell(due.stream().filter(row -> !undeleted.contains(row.id())).toList());
    if (isClosed()) {
      return false; // The node may be closed too: another one tells them once more.
    }
    due.forEach(row -> undeleted.add(row.id()));
    rows.delete(open, due);
    undeleted.clear();
    due.forEach(row -> seen.remove(row.id()));
    told.addAndGet(due.size());
    return due.size() == ChangeRows.MOST;
  }

  /** Whether no other node that answers owns the name of the table. */
  private boolean isReader() {
    return node.local().cluster().pick(name) == null;
  }

  private Connection connected() throws SQLException {
    Connection open = connection;
    if (open == null) {
      open = connections.dataSource().getConnection();
      connection = open;
      undeleted.clear();
      seen.clear();
      connections.pooler().beforeUse(open);
      open.setReadOnly(false);
      open.setAutoCommit(false);
    }
    return open;
  }

  /** Returns once all nodes that can be reached have removed what {@code due} names. */
  private void tell(List<Row> due) throws InterruptedException {
    Map<String, List<Row>> byGroup = new LinkedHashMap<>();
    due.forEach(row -> byGroup.computeIfAbsent(row.group(), g -> new ArrayList<>()).add(row));
    List<CompletableFuture<Void>> calls = new ArrayList<>();
    byGroup.forEach((group, some) -> calls.add(remove(registered(group), some)));
    for (CompletableFuture<Void> call : calls) {
      await(call);
    }
  }

  private Group registered(String group) {
    return node.find(group).orElseThrow(() -> new IllegalStateException("the node is closed"));
  }

  private static CompletableFuture<Void> remove(Group group, List<Row> rows) {
    Set<String> keys = new LinkedHashSet<>();
    for (Row row : rows) {
      if (row.key() == null) {
        return group.clearAsync();
      }
      keys.add(row.key());
    }
    keys.removeIf(key -> !NoticeHandler.isPossible(key)); // No group has them.
    return group.removeAllAsync(keys);
  }

  private void await(CompletableFuture<Void> call) throws InterruptedException {
    try {
      call.get(TELL_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException failure) {
      // Nodes that were reached tell the others when they meet them.
      if (!(failure.getCause() instanceof NotReachedException)
          || !node.local().cluster().isJoined()) {
        throw new IllegalStateException(
            "the nodes were not told: " + failure.getCause().getMessage(), failure.getCause());
      }
      notReached.incrementAndGet();
    } catch (TimeoutException late) {
      throw new IllegalStateException("the nodes were not told within a minute", late);
    }
  }

  private void recovered() {
    if (!pause.isZero()) {
      log.info("changes from {} of {} are carried out again", rows, database);
    }
    pause = Duration.ZERO;
    warned = null;
  }

  private void failed(Throwable failure) {
    if (isClosed()) {
      return;
    }
    failures.incrementAndGet();
    Duration longer = pause.isZero() ? every : pause.multipliedBy(2);
    pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
    long now = ticker.nanos();
    if (warned == null || now - warned >= WARN_AGAIN.toNanos()) {
      warned = now;
      log.warn(
          "cannot carry out changes from {} of {}: {}; values may be old until that succeeds, and"
              + " the rows stay",
          rows,
          database,
          ControlCharacters.escape(String.valueOf(failure)));
    }
  }

  private void pause() {
    Duration time = !pause.isZero() ? pause : isReader() ? every : every.multipliedBy(PATIENCE);
    try {
      closed.await(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException ours) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isClosed() {
    return closed.getCount() == 0 || Thread.currentThread().isInterrupted();
  }

  /** Keeps a connection on which a statement was refused, and gives up one that has failed. */
  private void recover() {
    Connection open = connection;
    try {
      if (open != null && open.isValid(VALID_SECONDS)) {
        open.rollback();
        return;
      }
    } catch (SQLException broken) {
      log.debug("a connection has failed", broken);
    }
    disconnect();
  }

  private void disconnect() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.rollback();
        open.setAutoCommit(true); // A pool gets it back as it was.
      } catch (SQLException broken) {
        log.debug("cannot end a transaction", broken);
      }
      try {
        open.close();
      } catch (SQLException broken) {
        log.debug("cannot close a connection", broken);
      }
    }
  }

  /**
   * Stops reading, and waits up to 5 s for its thread, then aborts its connection, and waits as
   * long again. Closing twice does nothing.
   */
  @Override
  public void close() {
    if (closed.getCount() == 0) {
      return;
    }
    closed.countDown();
    thread.interrupt();
    try {
      thread.join(CLOSE_LIMIT.toMillis());
      if (thread.isAlive()) {
        abort();
        thread.join(CLOSE_LIMIT.toMillis());
      }
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
    connections.close();
  }

  private void abort() {
    Connection open = connection;
    if (open != null) {
      try {
        open.abort(Runnable::run);
      } catch (SQLException broken) {
        log.debug("cannot abort a connection", broken);
      }
    }
  }
}
