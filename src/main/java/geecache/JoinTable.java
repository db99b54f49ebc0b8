package geecache;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of one kind that are under way in a group. For each key, gets may join one of them
 * at most. The idea is golang/groupcache's {@code singleflight}.
 *
 * <p>Interleaving: two gets miss; the first makes an attempt, which stores a value and ends before
 * the second get looks for an attempt. The second get would make another. So the maker of an
 * attempt looks into the store once more, in the same step of the table. An attempt stores before
 * it leaves the table: if there is no attempt, the value is in the store. Tests: {@code
 * aMissThatComesLateFindsTheStoredValue}, {@code aMissThatComesLateFindsTheCopy}.
 */
final class JoinTable<A extends Attempt> {
  /**
   * A place of one get in an attempt, or a value that the second look found. Made before the
   * attempt: when that is in the table, nothing has to be allocated any more.
   */
  static final class Seat<A extends Attempt> {
    private final JoinTable<A> table;
    private final boolean guest;

    /** How many callers wait. A race of {@link #waitsFor} with {@link #leave} counts some twice. */
    private int callers;

    private @Nullable A attempt;
    private boolean first;
    private @Nullable Entry found;
    private boolean left;

    private Seat(JoinTable<A> table, boolean guest, int callers) {
      this.table = table;
      this.guest = guest;
      this.callers = callers;
    }

    /** Returns the attempt to wait for; null if {@link #found}. */
    @Nullable A attempt() {
      return attempt;
    }

    /** Whether this seat made the attempt, and has to begin it. */
    boolean first() {
      return first;
    }

    /** Returns the entry that was in memory after all; null if there was none. */
    @Nullable Entry found() {
      return found;
    }

    /** Notes that the get, which is that of another node, waits for so many callers by now. */
    void waitsFor(int now) {
      if (attempt != null && !left) {
        attempt.add(now - callers, table.ticker.nanos());
        callers = now;
      }
    }

    /**
     * Gives the seat back: its get does not wait any more. Later calls do nothing; they must come
     * from the same thread.
     */
    void leave() {
      if (attempt != null && !left) {
        left = true;
        table.leave(this, attempt);
      }
    }
  }

  /** Makes an attempt. */
  interface Maker<A> {
    /**
     * Runs in a step of the table.
     *
     * @param fence the current fence: a removal with a later one voids the attempt
     * @param former the entry in memory, which does not answer the get
     */
    A make(String key, long fence, @Nullable Entry former);
  }

  private final GroupStore store;
  private final WaiterLimit limit;
  private final Ticker ticker;
  private final Consumer<A> whenUnwanted;

  /**
   * The attempts that a get may join. Steps on a key are atomic, and only code of the engine runs
   * in them. The locks of the store are taken inside such a step, and never the other way round.
   */
  private final ConcurrentMap<String, A> joinable = new ConcurrentHashMap<>();

  /** The attempts that were taken from {@code joinable} and have not ended: few, if any. */
  private final Set<A> detached = ConcurrentHashMap.newKeySet();

  /**
   * Makes an empty table.
   *
   * @param limit of the gets that have a seat
   * @param ticker for {@link Attempt#waited}
   * @param whenUnwanted told when the last seat of an attempt was given back; by then, others may
   *     be taken
   */
  JoinTable(GroupStore store, WaiterLimit limit, Ticker ticker, Consumer<A> whenUnwanted) {
    this.store = store;
    this.limit = limit;
    this.ticker = ticker;
    this.whenUnwanted = whenUnwanted;
  }

  /**
   * Takes a seat for a get that found nothing in memory. The very next thing that the caller does
   * is to begin an attempt that it made, or to wait.
   *
   * @param guest whether a stranger asks for many keys
   * @param callers how many wait: several if the get is that of another node
   * @param answers whether an entry that the second look finds answers the get
   * @throws OverloadedException if too many gets wait
   * @throws StackOverflowError if the stack has no room; then nothing is taken
   */
  Seat<A> seat(String key, boolean guest, int callers, Predicate<Entry> answers, Maker<A> maker)
      throws OverloadedException {
    return seat(key, guest, callers, attempt -> true, answers, maker);
  }

  /**
   * As {@link #seat(String, boolean, int, Predicate, Maker)}.
   *
   * @param joins whether the get may join an attempt; one that it may not join is detached
   */
  Seat<A> seat(
      String key,
      boolean guest,
      int callers,
      Predicate<A> joins,
      Predicate<Entry> answers,
      Maker<A> maker)
      throws OverloadedException {
    StackRoom.require();
    Seat<A> seat = new Seat<>(this, guest, callers);
    limit.enter(guest);
    boolean taken = false;
    try {
      take(seat, key, joins, answers, maker);
      taken = true;
    } finally {
      if (seat.attempt == null) {
        limit.leave(guest);
      } else if (!taken) { // The map had no memory when it was about to return.
        giveUp(seat, LoadOutcome.FAULT);
      }
    }
    return seat;
  }

  private void take(
      Seat<A> seat, String key, Predicate<A> joins, Predicate<Entry> answers, Maker<A> maker) {
    long now = ticker.nanos();
    A underWay = joinable.get(key);
    if (underWay != null
        && joins.test(underWay)
        && underWay.takeSeat(seat.guest, seat.callers, now)) {
      seat.attempt = underWay;
      return;
    }
    joinable.compute(
        key,
        (k, present) -> {
          if (present != null
              && joins.test(present)
              && present.takeSeat(seat.guest, seat.callers, now)) {
            seat.attempt = present;
            return present;
          }
          Entry entry = store.find(k);
          if (present != null && !joins.test(present)) {
            detached.add(present);
          }
          if (entry != null && answers.test(entry)) {
            seat.found = entry;
            return null;
          }
          A made = maker.make(k, store.currentFence(), entry);
          made.takeSeat(seat.guest, seat.callers, now);
          seat.first = true;
          seat.attempt = made;
          return made;
        });
  }

  /**
   * Takes a seat in {@code attempt}, which may have landed; returns null if it was given up for
   * want of gets.
   *
   * @throws OverloadedException if too many gets wait
   */
  @Nullable Seat<A> seatIn(A attempt, boolean guest) throws OverloadedException {
    Seat<A> seat = new Seat<>(this, guest, 1);
    limit.enter(guest);
    if (!attempt.takeSeat(guest, 1, ticker.nanos())) {
      limit.leave(guest);
      LoadOutcome landed = attempt.outcome();
      if (landed == null || landed == LoadOutcome.UNWANTED) {
        return null;
      }
    }
    seat.attempt = attempt;
    return seat;
  }

  /**
   * Makes an attempt for which no get waits, unless one is under way, or {@code answers} an entry.
   */
  @Nullable A unseated(String key, Predicate<Entry> answers, Maker<A> maker) {
    StackRoom.require();
    Seat<A> made = new Seat<>(this, false, 0);
    joinable.computeIfAbsent(
        key,
        k -> {
          Entry entry = store.find(k);
          if (entry == null || !answers.test(entry)) {
            made.attempt = maker.make(k, store.currentFence(), entry);
          }
          return made.attempt;
        });
    return made.attempt;
  }

  /** Returns the attempts for {@code key} that have not ended, the one that gets may join first. */
  List<A> underWay(String key) {
    A present = joinable.get(key);
    return Stream.concat(
            Stream.ofNullable(present),
            detached.stream().filter(attempt -> attempt.key.equals(key) && attempt != present))
        .toList();
  }

  /**
   * Gives a seat back whose get cannot wait. An attempt that it made lands: nobody would begin it.
   */
  void giveUp(Seat<A> seat, LoadOutcome outcome) {
    try {
      if (seat.first) {
        complete(seat.attempt, outcome);
      }
    } finally {
      seat.leave();
    }
  }

  private void leave(Seat<A> seat, A attempt) {
    long now = attempt.hasLanded() ? 0 : ticker.nanos(); // Once it has landed, nobody asks.
    if (attempt.leaveSeat(seat.guest, seat.callers, now, limit)) {
      whenUnwanted.accept(attempt);
    }
  }

  /**
   * Changes {@code key} in the store. If that voids attempts, the one that is under way is
   * detached: no later get joins it. No attempt begins during the change, because an attempt looks
   * into the store and notes its fence in one step of the table, and the change runs in such a step
   * too.
   *
   * @param change returns whether attempts before it are void
   */
  void detach(String key, BooleanSupplier change) {
    joinable.compute(
        key,
        (k, attempt) -> change.getAsBoolean() && attempt != null ? detached(attempt) : attempt);
  }

  /**
   * Detaches all attempts that began before a removal with {@code fence}: no later get joins them.
   */
  void detachAll(long fence) {
    for (A attempt : joinable.values()) {
      if (attempt.fence < fence) {
        joinable.computeIfPresent(
            attempt.key, (k, present) -> present == attempt ? detached(present) : present);
      }
    }
  }

  /**
   * Notes that {@code attempt} is detached, before it leaves the table, so that {@link #complete}
   * finds it in one of the two.
   */
  private @Nullable A detached(A attempt) {
    detached.add(attempt);
    return null;
  }

  /** Ends {@code attempt}, unless it has ended already. Whatever fails here, it has landed. */
  void complete(A attempt, LoadOutcome outcome) {
    boolean wasJoinable = false;
    try {
      wasJoinable = joinable.remove(attempt.key, attempt);
    } finally {
      attempt.land(outcome, limit);
      if (!wasJoinable) { // Otherwise no thread detached it, and none can any more.
        detached.remove(attempt);
      }
    }
  }

  /** Ends all attempts, also those that were detached. */
  void completeAll(LoadOutcome outcome) {
    joinable.values().forEach(attempt -> complete(attempt, outcome));
    detached.stream()
        .sorted(Comparator.comparing((A attempt) -> attempt.key).thenComparing(a -> a.fence))
        .forEach(
            attempt -> complete(attempt, outcome)); // In an order that a simulation can repeat.
  }
}
