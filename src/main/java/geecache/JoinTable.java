package geecache;

import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
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
   * A place in an attempt, or a value that the second look found.
   *
   * @param attempt the attempt to wait for; null if {@code found}
   * @param first whether this seat made the attempt, and has to begin it
   * @param found the entry that was in memory after all
   */
  record Seat<A extends Attempt>(@Nullable A attempt, boolean first, @Nullable Entry found) {}

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

  /**
   * The attempts that a get may join. Steps on a key are atomic, and only code of the engine runs
   * in them. The locks of the store are taken inside such a step, and never the other way round.
   */
  private final ConcurrentMap<String, A> joinable = new ConcurrentHashMap<>();

  /** The attempts that were taken from {@code joinable} and have not ended: few, if any. */
  private final Set<A> detached = ConcurrentHashMap.newKeySet();

  JoinTable(GroupStore store) {
    this.store = store;
  }

  /**
   * Takes a seat for a get that found nothing in memory.
   *
   * @param answers whether an entry that the second look finds answers the get
   */
  Seat<A> seat(String key, Predicate<Entry> answers, Maker<A> maker) {
    A underWay = joinable.get(key);
    if (underWay != null) {
      return new Seat<>(underWay, false, null);
    }
    Entry[] found = {null};
    boolean[] first = {false};
    A attempt =
        joinable.compute(
            key,
            (k, present) -> {
              if (present != null) {
                return present;
              }
              Entry entry = store.find(k);
              if (entry != null && answers.test(entry)) {
                found[0] = entry;
                return null;
              }
              first[0] = true;
              return maker.make(k, store.currentFence(), entry);
            });
    return new Seat<>(attempt, first[0], found[0]);
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

  /** Ends {@code attempt}, unless it has ended already. */
  void complete(A attempt, LoadOutcome outcome) {
    boolean wasJoinable = joinable.remove(attempt.key, attempt);
    attempt.outcome.complete(outcome);
    if (!wasJoinable) { // Otherwise no thread detached it, and none can any more.
      detached.remove(attempt);
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
