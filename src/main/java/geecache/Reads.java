package geecache;

import geecache.CachedValue.Origin;
import geecache.JoinTable.Seat;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a get of one group is answered: from memory, else by a peer ({@link PeerFetches}), else by a
 * load ({@link SingleFlight}). {@link Group} and {@link LocalGroup} say what each method promises.
 * Keeps no state between gets.
 */
final class Reads {
  /** A part of a get, which may fail before there is a future. */
  private interface Step {
    CompletableFuture<CachedValue> take() throws CacheException;
  }

  private final GroupSettings settings;
  private final GroupStore store;
  private final Counters counters;
  private final Ticker ticker;
  private final Ticker waitTicker;
  private final WaitLimits waits;
  private final SingleFlight flights;
  private final PeerFetches fetches;

  Reads(GroupParts group, SingleFlight flights, PeerFetches fetches) {
    this.settings = group.settings();
    this.store = group.store();
    this.counters = group.counters();
    this.ticker = group.node().ticker();
    this.waitTicker = group.node().waitTicker();
    this.waits = group.waits();
    this.flights = flights;
    this.fetches = fetches;
  }

  ByteView get(String key, Duration wait) throws CacheException {
    Entry entry = store.find(key);
    return isHit(key, entry, timeFor(entry)) ? valueOf(entry) : missed(key, wait);
  }

  /** As {@link #get}, for a key that was not found in memory. */
  ByteView missed(String key, Duration wait) throws CacheException {
    return valueOf(outcomeOf(KeyRule.require(key), wait).entryOrThrow());
  }

  private LoadOutcome outcomeOf(String key, Duration wait) throws CacheException {
    Seat<Fetch> seat = fetches.join(key);
    if (seat == null) {
      return flights.await(flights.join(key), wait, wait);
    }
    long deadline = deadlineIn(wait);
    LoadOutcome fetched = await(seat, wait, wait);
    return fetched == LoadOutcome.NO_PEER_ANSWERED
        ? flights.await(flights.joinAfterFetch(seat.attempt()), left(deadline), wait)
        : fetched;
  }

  private LoadOutcome await(Seat<Fetch> seat, Duration left, Duration wait)
      throws LoadTimeoutException {
    return seat.attempt() == null
        ? hitOutcome(seat.found())
        : waits.await(seat.attempt().outcome, seat.attempt(), left, wait);
  }

  private LoadOutcome hitOutcome(Entry entry) {
    counters.countHit(entry);
    return LoadOutcome.loaded(entry, false);
  }

  CompletableFuture<CachedValue> answer(String key) {
    return orFailed(
        () -> {
          Entry entry = store.find(key);
          long now = timeFor(entry);
          return isHit(key, entry, now)
              ? CompletableFuture.completedFuture(answerOf(entry, now))
              : answerMissed(KeyRule.require(key), settings.waitTimeout());
        });
  }

  private CompletableFuture<CachedValue> answerMissed(String key, Duration wait)
      throws CacheException {
    Seat<Fetch> seat = fetches.join(key);
    if (seat == null) {
      return answer(flights.join(key), wait, wait);
    }
    if (seat.attempt() == null) {
      return answerOf(hitOutcome(seat.found()), Origin.HIT, false);
    }
    long deadline = deadlineIn(wait);
    return waits
        .awaitAsync(seat.attempt().outcome, seat.attempt(), wait, wait)
        .thenCompose(
            outcome ->
                outcome == LoadOutcome.NO_PEER_ANSWERED
                    ? answerAfterFetch(seat.attempt(), left(deadline), wait)
                    : answerOf(
                        outcome, outcome.stale() ? Origin.STALE : Origin.PEER, !seat.first()));
  }

  CompletableFuture<CachedValue> answerLocally(String key) {
    return orFailed(
        () -> {
          Entry entry = store.find(key);
          long now = timeFor(entry);
          if (isHit(key, entry, now)) {
            return CompletableFuture.completedFuture(answerOf(entry, now));
          }
          // The peer waits for callers of its own, of which some may have come later than the
          // first.
          Duration wait = settings.waitTimeout().plus(settings.loadTimeout());
          return answer(flights.join(KeyRule.require(key)), wait, wait);
        });
  }

  /** Returns the value in memory, as its owner has it; null if there is none. */
  @Nullable CachedValue peek(String key) {
    return answerOrNull(store.peek(key));
  }

  /** As {@link #peek}; a node that does not own the key forgets the value. */
  @Nullable CachedValue handOut(String key) {
    return answerOrNull(store.handOut(key));
  }

  private @Nullable CachedValue answerOrNull(@Nullable Entry entry) {
    try {
      return entry == null ? null : answerOf(entry, Origin.HIT, false, false, timeFor(entry));
    } catch (KeyNotFoundException absent) {
      return null;
    }
  }

  private CompletableFuture<CachedValue> answerAfterFetch(
      Fetch fetch, Duration left, Duration wait) {
    return orFailed(() -> answer(flights.joinAfterFetch(fetch), left, wait));
  }

  private CompletableFuture<CachedValue> answer(Seat<Flight> seat, Duration left, Duration wait)
      throws CacheException {
    return flights
        .awaitAsync(seat, left, wait)
        .thenCompose(
            outcome ->
                answerOf(
                    outcome, originOf(seat, outcome), seat.attempt() != null && !seat.first()));
  }

  private static CompletableFuture<CachedValue> orFailed(Step step) {
    try {
      return step.take();
    } catch (CacheException failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  private static Origin originOf(Seat<Flight> seat, LoadOutcome outcome) {
    if (outcome.stale()) {
      return Origin.STALE;
    }
    if (seat.attempt() == null) {
      return Origin.HIT;
    }
    if (seat.attempt().peeked) {
      return Origin.PEER;
    }
    return seat.attempt().afterExpiry ? Origin.EXPIRED : Origin.MISS;
  }

  Map<String, ByteView> getAll(Collection<String> keys) throws CacheException {
    keys.forEach(KeyRule::require);
    Duration wait = settings.waitTimeout();
    long deadline = deadlineIn(wait);
    Map<String, LoadOutcome> outcomes = new LinkedHashMap<>();
    Map<String, Seat<Fetch>> fetched = new LinkedHashMap<>();
    List<String> own = new ArrayList<>();
    for (String key : new LinkedHashSet<>(keys)) {
      Entry entry = store.find(key);
      boolean hit = isHit(key, entry, timeFor(entry));
      outcomes.put(key, hit ? LoadOutcome.loaded(entry, false) : null);
      Seat<Fetch> seat = hit ? null : fetches.join(key);
      if (seat != null) {
        fetched.put(key, seat);
      } else if (!hit) {
        own.add(key);
      }
    }
    loadAll(own, flights::join, outcomes, deadline);
    List<String> nowhere = new ArrayList<>();
    for (Map.Entry<String, Seat<Fetch>> seat : fetched.entrySet()) {
      LoadOutcome outcome = await(seat.getValue(), left(deadline), wait);
      outcomes.put(seat.getKey(), outcome);
      if (outcome == LoadOutcome.NO_PEER_ANSWERED) {
        nowhere.add(seat.getKey());
      }
    }
    loadAll(nowhere, key -> flights.joinAfterFetch(fetched.get(key).attempt()), outcomes, deadline);
    return present(outcomes);
  }

  /**
   * Loads the keys, as many at once as the group allows: more would only fill the queue of other
   * callers.
   */
  private void loadAll(
      List<String> keys,
      Function<String, Seat<Flight>> join,
      Map<String, LoadOutcome> outcomes,
      long deadline)
      throws CacheException {
    Duration wait = settings.waitTimeout();
    Map<String, Seat<Flight>> seats = new LinkedHashMap<>();
    ArrayDeque<String> loading = new ArrayDeque<>();
    for (String key : keys) {
      if (loading.size() == settings.maxLoads()) {
        String oldest = loading.remove();
        outcomes.put(oldest, flights.await(seats.get(oldest), left(deadline), wait));
      }
      seats.put(key, join.apply(key));
      loading.add(key);
    }
    for (String key : loading) {
      outcomes.put(key, flights.await(seats.get(key), left(deadline), wait));
    }
  }

  /** Returns the end of a wait. The sum may overflow, which {@link #left} undoes. */
  private long deadlineIn(Duration wait) {
    return waitTicker.nanos() + TimeUnit.NANOSECONDS.convert(wait);
  }

  private Duration left(long deadline) {
    return Duration.ofNanos(deadline - waitTicker.nanos());
  }

  private static Map<String, ByteView> present(Map<String, LoadOutcome> outcomes)
      throws CacheException {
    Map<String, ByteView> values = new LinkedHashMap<>();
    for (Map.Entry<String, LoadOutcome> ended : outcomes.entrySet()) {
      try {
        values.put(ended.getKey(), valueOf(ended.getValue().entryOrThrow()));
      } catch (KeyNotFoundException absent) {
        continue; // Left out, as promised.
      }
    }
    return values;
  }

  /**
   * Returns the one reading of the clock by which all is decided about {@code entry}; an entry
   * without an end needs none.
   */
  private long timeFor(@Nullable Entry entry) {
    return entry == null || entry.isPlain() ? 0 : ticker.nanos();
  }

  /** Whether {@code entry}, as found in memory, answers a get. Counts a hit if it does. */
  private boolean isHit(String key, @Nullable Entry entry, long now) {
    if (entry == null) {
      return false;
    }
    if (entry.isPlain()) {
      counters.hits.increment();
      return true;
    }
    Entry.Timed timed = (Entry.Timed) entry;
    if (!timed.mayAnswer(now)) {
      return false;
    }
    counters.countHit(timed);
    if (!timed.isFresh(now)) {
      counters.staleServed.increment();
    }
    if (timed.isDueForRefresh(now)) {
      flights.refresh(key);
    }
    return true;
  }

  private static ByteView valueOf(Entry entry) throws KeyNotFoundException {
    if (entry.value == null) {
      throw new KeyNotFoundException(absenceOf(entry));
    }
    return entry.value;
  }

  private static String absenceOf(Entry entry) {
    Marks marks = entry.marks();
    return String.valueOf(marks == null ? null : marks.absence());
  }

  private static CachedValue answerOf(Entry hit, long now) throws KeyNotFoundException {
    boolean fresh = hit.isPlain() || ((Entry.Timed) hit).isFresh(now);
    return answerOf(hit, fresh ? Origin.HIT : Origin.STALE, false, false, now);
  }

  private CompletableFuture<CachedValue> answerOf(
      LoadOutcome outcome, Origin origin, boolean collapsed) {
    return orFailed(
        () -> {
          Entry entry = outcome.entryOrThrow();
          long now = timeFor(entry);
          return CompletableFuture.completedFuture(
              answerOf(entry, origin, collapsed, outcome.stored(), now));
        });
  }

  private static CachedValue answerOf(
      Entry entry, Origin origin, boolean collapsed, boolean stored, long now)
      throws KeyNotFoundException {
    ByteView value = valueOf(entry);
    if (entry.isPlain()) {
      return new CachedValue(value, origin, collapsed, stored, null, null, null, entry.change());
    }
    Entry.Timed timed = (Entry.Timed) entry;
    Duration left = Duration.ofNanos(timed.expiresAt - now);
    if (timed.isEndless()) {
      return new CachedValue(value, origin, collapsed, stored, null, null, left, timed.change());
    }
    long end = timed.endOfValue();
    return new CachedValue(
        value,
        origin,
        collapsed,
        stored,
        Duration.ofNanos(now - timed.begun),
        end == timed.expiresAt ? left : Duration.ofNanos(end - now),
        left,
        timed.change());
  }
}
