package geecache.source;

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

/**
 * Loads that meet, asked for together. A few queries run at once; the loads that come meanwhile
 * wait, and the next query takes all of them. No timer: a load that is alone is asked at once, and
 * the busier the database is, the more keys a query has.
 *
 * <p>Each load stays one of its own, with its flight and its fence: the query that answers it
 * begins after it did, so what it reads is no older than what the load would have read alone. Test:
 * {@code aLoadIsNotAnsweredByAQueryThatBeganBeforeIt}.
 *
 * <p>The thread of one of the loads runs the query, and hands its place to the first that waits.
 * Interleaving: the time of a load is over while it waits, and just then it is handed the place.
 * Both are steps under the lock: it either leaves the line, or has the place and passes it on.
 * Test: {@code aLoadThatIsInterruptedWhileItWaitsTakesNoPlaceAlong}.
 */
final class Collected {
  /** How many queries run at once. One that is slow so does not hold up the others. */
  static final int QUERIES = 4;

  /** The most keys of a query. */
  static final int MOST_KEYS = 256;

  /** Asks for one key. */
  interface One {
    Optional<byte[]> ask(String key) throws SQLException;
  }

  /** Asks for many keys; those that are left out of the answer are asked for one by one. */
  interface Many {
    Map<String, Optional<byte[]>> ask(Set<String> keys) throws SQLException;
  }

  /** A load that waits, or is being asked for. */
  private static final class Seat {
    final String key;
    final CompletableFuture<Turn> turn = new CompletableFuture<>();

    Seat(String key) {
      this.key = key;
    }
  }

  /**
   * What a load waited for.
   *
   * @param kind an answer, or what to do
   * @param value the answer, if it is one
   */
  private record Turn(Kind kind, Optional<byte[]> value) {
    enum Kind {
      ANSWERED,
      ASK_ALONE,
      LEAD
    }

    static final Turn LEAD = new Turn(Kind.LEAD, Optional.empty());
    static final Turn ASK_ALONE = new Turn(Kind.ASK_ALONE, Optional.empty());
  }

  private final One one;
  private final Many many;

  /** Guards {@code waiting} and {@code running}. No query runs under it. */
  private final Object lock = new Object();

  private final ArrayDeque<Seat> waiting = new ArrayDeque<>();
  private int running;

  Collected(One one, Many many) {
    this.one = one;
    this.many = many;
  }

  /** Returns the value of {@code key}, and blocks until it is there. */
  Optional<byte[]> get(String key) throws SQLException, InterruptedException {
    Seat seat = new Seat(key);
    boolean leads;
    synchronized (lock) {
      leads = running < QUERIES;
      if (leads) {
        running++;
      } else {
        waiting.add(seat);
      }
    }
    Turn turn = leads ? Turn.LEAD : await(seat);
    return switch (turn.kind()) {
      case ANSWERED -> turn.value();
      case ASK_ALONE -> one.ask(key);
      case LEAD -> lead(key);
    };
  }

  private Turn await(Seat seat) throws SQLException, InterruptedException {
    try {
      return seat.turn.get();
    } catch (ExecutionException failed) {
      throw new SQLException("the query for many keys failed", failed.getCause());
    } catch (InterruptedException interrupt) {
      boolean hasPlace;
      synchronized (lock) {
        hasPlace = !waiting.remove(seat) && seat.turn.getNow(Turn.ASK_ALONE) == Turn.LEAD;
      }
      if (hasPlace) {
        passOn();
      }
      throw interrupt;
    }
  }

  private Optional<byte[]> lead(String key) throws SQLException {
    List<Seat> others = new ArrayList<>();
    synchronized (lock) {
      while (!waiting.isEmpty() && others.size() < MOST_KEYS - 1) {
        others.add(waiting.remove());
      }
    }
    try {
      return others.isEmpty() ? one.ask(key) : askMany(key, others);
    } finally {
      passOn();
    }
  }

  private Optional<byte[]> askMany(String key, List<Seat> others) throws SQLException {
    Set<String> keys = new LinkedHashSet<>(List.of(key));
    others.forEach(seat -> keys.add(seat.key));
    try {
      Map<String, Optional<byte[]>> found = many.ask(keys);
      others.forEach(seat -> seat.turn.complete(turn(found.get(seat.key))));
      Optional<byte[]> own = found.get(key);
      return own == null ? one.ask(key) : own;
    } catch (SQLException | RuntimeException | Error failure) {
      for (Seat seat : others) {
        if (Thread.currentThread().isInterrupted()) { // This load's time is over, not theirs.
          seat.turn.complete(Turn.ASK_ALONE);
        } else {
          seat.turn.completeExceptionally(failure);
        }
      }
      throw failure;
    }
  }

  private static Turn turn(Optional<byte[]> found) {
    return found == null ? Turn.ASK_ALONE : new Turn(Turn.Kind.ANSWERED, found);
  }

  private void passOn() {
    synchronized (lock) {
      Seat next = waiting.poll();
      if (next == null) {
        running--;
      } else {
        next.turn.complete(Turn.LEAD); // Nothing but its own thread depends on it.
      }
    }
  }
}
