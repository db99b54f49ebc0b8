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
 * How a get of one group is answered: from memory, else by a peer ({@link Fetches}), else by a load
 * ({@link SingleFlight}). What each method promises, {@link Group} says. Keeps no state between
 * gets: a deadline is its caller's own.
 */
final class Gets {
  /** A part of a get, which may fail before there is a future. */
  private interface Step {
    CompletableFuture<CachedValue> take() throws CacheException;
  }

  private final GroupSettings settings;
  private final Entries entries;
  private final Counters counters;
  private final Ticker ticker;
  private final Ticker waitTicker;
  private final Waits waits;
  private final SingleFlight flights;
  private final Fetches fetches;

  Gets(GroupParts group, SingleFlight flights, Fetches fetches) {
    this.settings = group.settings();
    this.entries = group.entries();
    this.counters = group.counters();
    this.ticker = group.node().ticker();
    this.waitTicker = group.node().waitTicker();
    this.waits = group.waits();
    this.flights = flights;
    this.fetches = fetches;
  }

  ByteView get(String key, Duration wait) throws CacheException {
    Entry hit = hit(key);
    return hit == null ? missed(key, wait) : valueOf(hit);
  }

  /** As {@link #get}, for a key that was not found in memory. */
  ByteView missed(String key, Duration wait) throws CacheException {
    return valueOf(landingOf(KeyRule.require(key), wait).entryOrThrow());
  }

  private Landing landingOf(String key, Duration wait) throws CacheException {
    Seat<Fetch> seat = fetches.join(key);
    if (seat == null) {
      return flights.await(flights.join(key), wait, wait);
    }
    long deadline = deadlineIn(wait);
    Landing fetched = await(seat, wait, wait);
    return fetched == Landing.NOWHERE
        ? flights.await(flights.joinAfterFetch(seat.attempt()), left(deadline), wait)
        : fetched;
  }

  private Landing await(Seat<Fetch> seat, Duration left, Duration wait)
      throws LoadTimeoutException {
    return seat.attempt() == null
        ? found(seat.found())
        : waits.await(seat.attempt().landing, seat.attempt(), left, wait);
  }

  private Landing found(Entry entry) {
    counters.hit(entry);
    return Landing.loaded(entry, false);
  }

  CompletableFuture<CachedValue> answer(String key) {
    return orFailed(
        () -> {
          Entry hit = hit(key);
          return hit == null
              ? answerMissed(KeyRule.require(key), settings.waitTimeout())
              : CompletableFuture.completedFuture(answerOf(hit));
        });
  }

  private CompletableFuture<CachedValue> answerMissed(String key, Duration wait)
      throws CacheException {
    Seat<Fetch> seat = fetches.join(key);
    if (seat == null) {
      return answer(flights.join(key), wait, wait);
    }
    if (seat.attempt() == null) {
      return answerOf(found(seat.found()), Origin.HIT, false);
    }
    long deadline = deadlineIn(wait);
    return waits
        .awaitAsync(seat.attempt().landing, seat.attempt(), wait, wait)
        .thenCompose(
            landing ->
                landing == Landing.NOWHERE
                    ? answerAfterFetch(seat.attempt(), left(deadline), wait)
                    : answerOf(
                        landing, landing.stale() ? Origin.STALE : Origin.PEER, !seat.first()));
  }

  CompletableFuture<CachedValue> answerHere(String key) {
    return orFailed(
        () -> {
          Entry hit = hit(key);
          if (hit != null) {
            return CompletableFuture.completedFuture(answerOf(hit));
          }
          // Who asked waits for others too, who may have come later.
          Duration wait = settings.waitTimeout().plus(settings.loadTimeout());
          return answer(flights.join(KeyRule.require(key)), wait, wait);
        });
  }

  /** Returns what memory has for a node that owns the key; null if nothing. */
  @Nullable CachedValue ofOwner(String key) {
    return answerOrNull(entries.ofOwner(key));
  }

  /** As {@link #ofOwner}; and if this node does not own the key, it forgets it. */
  @Nullable CachedValue give(String key) {
    return answerOrNull(entries.give(key));
  }

  private @Nullable CachedValue answerOrNull(@Nullable Entry entry) {
    try {
      return entry == null ? null : answerOf(entry, Origin.HIT, false, false);
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
            landing ->
                answerOf(
                    landing, originOf(seat, landing), seat.attempt() != null && !seat.first()));
  }

  private static CompletableFuture<CachedValue> orFailed(Step step) {
    try {
      return step.take();
    } catch (CacheException failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  private static Origin originOf(Seat<Flight> seat, Landing landing) {
    if (landing.stale()) {
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
    Map<String, Landing> landings = new LinkedHashMap<>();
    Map<String, Seat<Fetch>> fetched = new LinkedHashMap<>();
    List<String> own = new ArrayList<>();
    for (String key : new LinkedHashSet<>(keys)) {
      Entry hit = hit(key);
      landings.put(key, hit == null ? null : Landing.loaded(hit, false));
      Seat<Fetch> seat = hit == null ? fetches.join(key) : null;
      if (seat != null) {
        fetched.put(key, seat);
      } else if (hit == null) {
        own.add(key);
      }
    }
    loadAll(own, flights::join, landings, deadline);
    List<String> nowhere = new ArrayList<>();
    for (Map.Entry<String, Seat<Fetch>> seat : fetched.entrySet()) {
      Landing landing = await(seat.getValue(), left(deadline), wait);
      landings.put(seat.getKey(), landing);
      if (landing == Landing.NOWHERE) {
        nowhere.add(seat.getKey());
      }
    }
    loadAll(nowhere, key -> flights.joinAfterFetch(fetched.get(key).attempt()), landings, deadline);
    return present(landings);
  }

  /** Has as many keys load at once as may; more would only fill the queue of the others. */
  private void loadAll(
      List<String> keys,
      Function<String, Seat<Flight>> join,
      Map<String, Landing> landings,
      long deadline)
      throws CacheException {
    Duration wait = settings.waitTimeout();
    Map<String, Seat<Flight>> seats = new LinkedHashMap<>();
    ArrayDeque<String> loading = new ArrayDeque<>();
    for (String key : keys) {
      if (loading.size() == settings.maxLoads()) {
        String oldest = loading.remove();
        landings.put(oldest, flights.await(seats.get(oldest), left(deadline), wait));
      }
      seats.put(key, join.apply(key));
      loading.add(key);
    }
    for (String key : loading) {
      landings.put(key, flights.await(seats.get(key), left(deadline), wait));
    }
  }

  /** Saturates, and then wraps around, which {@link #left} undoes. */
  private long deadlineIn(Duration wait) {
    return waitTicker.nanos() + TimeUnit.NANOSECONDS.convert(wait);
  }

  private Duration left(long deadline) {
    return Duration.ofNanos(deadline - waitTicker.nanos());
  }

  private static Map<String, ByteView> present(Map<String, Landing> landings)
      throws CacheException {
    Map<String, ByteView> values = new LinkedHashMap<>();
    for (Map.Entry<String, Landing> landed : landings.entrySet()) {
      try {
        values.put(landed.getKey(), valueOf(landed.getValue().entryOrThrow()));
      } catch (KeyNotFoundException absent) {
        continue; // Left out, as promised.
      }
    }
    return values;
  }

  /** Returns what memory answers now, counted as a hit, or null. */
  private @Nullable Entry hit(String key) {
    Entry entry = entries.find(key);
    if (entry == null || !entries.mayAnswer(entry)) {
      return null;
    }
    counters.hit(entry);
    if (!entries.isFresh(entry)) {
      counters.staleServed.increment();
    }
    if (entries.isDueForRefresh(entry)) {
      flights.refresh(key);
    }
    return entry;
  }

  private static ByteView valueOf(Entry entry) throws KeyNotFoundException {
    if (entry.value == null) {
      throw new KeyNotFoundException(String.valueOf(((Entry.Timed) entry).absence));
    }
    return entry.value;
  }

  private CachedValue answerOf(Entry hit) throws KeyNotFoundException {
    return answerOf(hit, entries.isFresh(hit) ? Origin.HIT : Origin.STALE, false, false);
  }

  private CompletableFuture<CachedValue> answerOf(
      Landing landing, Origin origin, boolean collapsed) {
    return orFailed(
        () ->
            CompletableFuture.completedFuture(
                answerOf(landing.entryOrThrow(), origin, collapsed, landing.stored())));
  }

  private CachedValue answerOf(Entry entry, Origin origin, boolean collapsed, boolean stored)
      throws KeyNotFoundException {
    ByteView value = valueOf(entry);
    if (entry.isPlain()) {
      return new CachedValue(value, origin, collapsed, stored, null, null);
    }
    Entry.Timed timed = (Entry.Timed) entry;
    long now = ticker.nanos();
    return new CachedValue(
        value,
        origin,
        collapsed,
        stored,
        Duration.ofNanos(now - timed.begun),
        Duration.ofNanos(timed.expiresAt - now));
  }
}
