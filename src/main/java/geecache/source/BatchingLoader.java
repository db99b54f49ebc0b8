package geecache.source;

import geecache.OverloadedException;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Joins the loads of different keys into one query. At most {@link #MAX_QUERIES} queries run at
 * once, or as many as there are connections. Loads that arrive meanwhile wait, and the next query
 * takes all of them. There is no timer: a load that finds a free place runs its query at once, and
 * the busier the database is, the more keys a query has.
 *
 * <p>Each load keeps its own flight and fence. The query that answers a load begins after the load
 * did, so the value is no older than the one that the load would have read by itself. Test: {@code
 * aLoadIsNotAnsweredByAQueryThatBeganBeforeIt}.
 *
 * <p>The thread of one of the loads, the leader, runs the query. Then it hands its place to the
 * first load that waits. Interleaving: a load is interrupted while it waits, and at the same moment
 * the place is handed to it. Both are steps under the lock: the load either leaves the queue, or it
 * has the place and passes it on. Test: {@code
 * aLoadThatIsInterruptedWhileItWaitsTakesNoPlaceAlong}.
 */
final class BatchingLoader {
  /** How many queries run at once, so that one slow query does not hold up all others. */
  static final int MAX_QUERIES = 4;

  /** The most keys of a query. */
  static final int MAX_KEYS = 256;

  /** Queries one key. */
  interface SingleQuery {
    Optional<byte[]> load(String key)
        throws SQLException, OverloadedException, InterruptedException;
  }

  /** Queries many keys. A key that is missing in the result is queried by itself. */
  interface BatchQuery {
    Map<String, Optional<byte[]>> load(Set<String> keys)
        throws SQLException, OverloadedException, InterruptedException;
  }

  /** A load that waits for the leader of a query, or for its own turn to lead. */
  private static final class WaitingLoad {
    final String key;
    final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

    WaitingLoad(String key) {
      this.key = key;
    }
  }

  /**
   * How a load's wait ended.
   *
   * @param value the answer, if the load was answered
   */
  private record Outcome(Kind kind, Optional<byte[]> value) {
    enum Kind {
      ANSWERED,
      QUERY_ALONE,
      LEAD
    }

    static final Outcome LEAD = new Outcome(Kind.LEAD, Optional.empty());
    static final Outcome QUERY_ALONE = new Outcome(Kind.QUERY_ALONE, Optional.empty());

    /** Returns the outcome for a key that has {@code value} in a query's result; null if none. */
    static Outcome of(@Nullable Optional<byte[]> value) {
      return value == null ? QUERY_ALONE : new Outcome(Kind.ANSWERED, value);
    }
  }

  private final SingleQuery single;
  private final BatchQuery batch;
  private final int maxQueries;

  /** Guards {@code waiting} and {@code running}. No query runs under it. */
  private final Object lock = new Object();

  private final ArrayDeque<WaitingLoad> waiting = new ArrayDeque<>();
  private int running;

  BatchingLoader(SingleQuery single, BatchQuery batch, int connections) {
    this.single = single;
    this.batch = batch;
    this.maxQueries = Math.min(MAX_QUERIES, connections);
  }

  /** Returns the value of {@code key}; blocks until a query has answered it. */
  Optional<byte[]> load(String key) throws SQLException, OverloadedException, InterruptedException {
    WaitingLoad load = new WaitingLoad(key);
    boolean leads;
    synchronized (lock) {
      leads = running < maxQueries;
      if (leads) {
        running++;
      } else {
        waiting.add(load);
      }
    }
    Outcome outcome = leads ? Outcome.LEAD : await(load);
    return switch (outcome.kind()) {
      case ANSWERED -> outcome.value();
      case QUERY_ALONE -> single.load(key);
      case LEAD -> lead(key);
    };
  }

  private Outcome await(WaitingLoad load)
      throws SQLException, OverloadedException, InterruptedException {
    try {
      return load.outcome.get();
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof OverloadedException overloaded) {
        throw overloaded;
      }
      throw new SQLException("the query for many keys failed", failed.getCause());
    } catch (InterruptedException interrupt) {
      boolean hasPlace;
      synchronized (lock) {
        hasPlace =
            !waiting.remove(load) && load.outcome.getNow(Outcome.QUERY_ALONE) == Outcome.LEAD;
      }
      if (hasPlace) {
        passOnPlace();
      }
      throw interrupt;
    }
  }

  private Optional<byte[]> lead(String key)
      throws SQLException, OverloadedException, InterruptedException {
    List<WaitingLoad> others = new ArrayList<>();
    synchronized (lock) {
      while (!waiting.isEmpty() && others.size() < MAX_KEYS - 1) {
        others.add(waiting.remove());
      }
    }
    try {
      return others.isEmpty() ? single.load(key) : loadTogether(key, others);
    } finally {
      passOnPlace();
    }
  }

  private Optional<byte[]> loadTogether(String key, List<WaitingLoad> others)
      throws SQLException, OverloadedException, InterruptedException {
    Set<String> keys = new LinkedHashSet<>(List.of(key));
    others.forEach(load -> keys.add(load.key));
    try {
      Map<String, Optional<byte[]>> found = batch.load(keys);
      others.forEach(load -> load.outcome.complete(Outcome.of(found.get(load.key))));
      Optional<byte[]> own = found.get(key);
      return own == null ? single.load(key) : own;
    } catch (SQLException
        | OverloadedException
        | InterruptedException
        | RuntimeException
        | Error failure) {
      boolean interrupted =
          failure instanceof InterruptedException || Thread.currentThread().isInterrupted();
      for (WaitingLoad load : others) {
        if (interrupted) { // The leader ran out of time, not the others.
          load.outcome.complete(Outcome.QUERY_ALONE);
        } else {
          load.outcome.completeExceptionally(failure);
        }
      }
      throw failure;
    }
  }

  private void passOnPlace() {
    synchronized (lock) {
      WaitingLoad next = waiting.poll();
      if (next == null) {
        running--;
      } else {
        next.outcome.complete(Outcome.LEAD); // Wakes the load's own thread; runs nothing here.
      }
    }
  }
}
