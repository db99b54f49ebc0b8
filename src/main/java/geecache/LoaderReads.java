package geecache;

import geecache.CachedValue.Origin;
import geecache.JoinTable.Seat;
import geecache.Tracing.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * How a get is answered whose caller can load the key: from memory, else by what another caller or
 * node loads, else by the caller's own loader, under a lease. Keeps no state between gets.
 */
final class LoaderReads {
  private final LoaderParts parts;
  private final GroupSettings settings;
  private final GroupStore store;
  private final Ticker waitTicker;
  private final Reads reads;
  private final SingleFlight flights;
  private final PeerFetches fetches;
  private final LoaderRun runs;
  private final GetSpans spans;

  LoaderReads(LoaderParts parts) {
    this.parts = parts;
    this.settings = parts.group().settings();
    this.store = parts.group().store();
    this.waitTicker = parts.group().node().waitTicker();
    this.reads = parts.reads();
    this.flights = parts.flights();
    this.fetches = parts.fetches();
    this.runs = parts.runs();
    this.spans = new GetSpans(parts.group());
  }

  /** Gets {@code key}, which memory does not answer. */
  <E extends Exception> ByteView get(String key, Loader<E> loader) throws CacheException, E {
    return Reads.valueOf(this.<E>outcomeOf(key, loader).entryOrThrow());
  }

  /** As {@link #get}, with what else is known of the value. */
  <E extends Exception> CachedValue answer(String key, Loader<E> loader) throws CacheException, E {
    return reads.answerOf(this.<E>outcomeOf(key, loader), Origin.MISS, false);
  }

  private <E extends Exception> LoadOutcome outcomeOf(String key, Loader<E> loader)
      throws CacheException, E {
    KeyRule.require(key);
    return this.<LoadOutcome, E>traced(
        1, () -> this.<E>outcomeBy(key, lease -> runs.run(lease, loader)));
  }

  /** What a get does. */
  private interface Body<R, E extends Exception> {
    R run() throws CacheException, E;
  }

  private <R, E extends Exception> R traced(int keys, Body<R, E> body) throws CacheException, E {
    Tracing.Span span = spans.begin(Step.GET, keys);
    Throwable ended = null;
    Tracing.Scope scope = span.enter();
    try {
      return body.run();
    } catch (Throwable failure) {
      ended = failure;
      throw failure;
    } finally {
      scope.close();
      span.end(ended);
    }
  }

  /** Runs the load of a lease. */
  private interface Holder<E extends Exception> {
    LoadOutcome run(Lease lease) throws CacheException, E;
  }

  private <E extends Exception> LoadOutcome outcomeBy(String key, Holder<E> holder)
      throws CacheException, E {
    Duration wait = settings.waitTimeout();
    long end = waitTicker.nanos() + wait.toNanos();
    LoadOutcome outcome;
    do {
      outcome = leaseOrOutcome(key, WaitTime.of(wait), end);
      if (outcome.grant() instanceof Lease lease) {
        outcome = holder.run(lease);
      }
    } while (outcome.isUnfilled() && end - waitTicker.nanos() > 0); // Joined one that cannot load.
    return outcome;
  }

  /** Gets many keys. On a loader thread one after the other, each by a call of its own. */
  <E extends Exception> Map<String, ByteView> getAll(Collection<String> keys, BulkLoader<E> loader)
      throws CacheException, E {
    keys.forEach(KeyRule::require);
    Map<String, ByteView> values = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    for (String key : new LinkedHashSet<>(keys)) {
      Entry entry = store.find(key);
      if (!reads.isHit(key, entry)) {
        missing.add(key);
      } else if (Objects.requireNonNull(entry).value != null) {
        values.put(key, entry.value);
      }
    }
    if (missing.isEmpty()) {
      return values;
    }
    this.<Map<String, ByteView>, E>traced(
        missing.size(),
        () -> {
          if (parts.group().node().loaders().currentFlight() != null) {
            this.<E>addOneByOne(missing, loader, values);
          } else {
            this.<E>addTogether(missing, loader, values);
          }
          return values;
        });
    return inOrder(keys, values);
  }

  private static Map<String, ByteView> inOrder(
      Collection<String> keys, Map<String, ByteView> values) {
    Map<String, ByteView> ordered = new LinkedHashMap<>();
    for (String key : keys) {
      ByteView value = values.get(key);
      if (value != null) {
        ordered.put(key, value);
      }
    }
    return ordered;
  }

  private <E extends Exception> void addTogether(
      List<String> keys, BulkLoader<E> loader, Map<String, ByteView> values)
      throws CacheException, E {
    for (int from = 0; from < keys.size(); from += ManyLoaderGets.MOST) {
      try (ManyLoaderGets gets = new ManyLoaderGets(parts)) {
        gets.open(keys.subList(from, Math.min(keys.size(), from + ManyLoaderGets.MOST)));
        gets.load(loader);
        gets.addTo(values);
      }
    }
  }

  private <E extends Exception> void addOneByOne(
      List<String> keys, BulkLoader<E> loader, Map<String, ByteView> values)
      throws CacheException, E {
    for (String key : keys) {
      LoadOutcome outcome = this.<E>outcomeBy(key, lease -> runAlone(lease, loader));
      if (!(outcome.failure() instanceof KeyNotFoundException)) {
        Entry entry = outcome.entryOrThrow();
        if (entry.value != null) {
          values.put(key, entry.value);
        }
      }
    }
  }

  /** Waits for the lease of {@code key}, or for what another caller or node loads. */
  private LoadOutcome leaseOrOutcome(String key, WaitTime time, long end) throws CacheException {
    CompletableFuture<LoadOutcome> own = new CompletableFuture<>();
    Seat<Fetch> seat = fetches.joinToLoad(key, end, own);
    if (seat == null) {
      return flights.await(flights.joinToLoad(key, false, 1, own), own, time.rest(left(end)));
    }
    LoadOutcome fetched = fetches.await(seat, own, time.rest(left(end)));
    if (fetched != LoadOutcome.NO_PEER_ANSWERED) {
      return fetched;
    }
    CompletableFuture<LoadOutcome> here = new CompletableFuture<>();
    return flights.await(
        flights.joinAfterFetch(seat.attempt(), false, here), here, time.rest(left(end)));
  }

  private Duration left(long end) {
    return Duration.ofNanos(end - waitTicker.nanos());
  }

  /**
   * Gets {@code key} anew, for a caller that cannot read {@code value}: this node forgets that
   * value, and the caller loads the key, unless another does.
   */
  <E extends Exception> CachedValue getAnew(String key, ByteView value, Loader<E> loader)
      throws CacheException, E {
    return this.<E>getAnewBy(key, value, lease -> runs.run(lease, loader));
  }

  /**
   * As {@link #getAnew}, with a loader of many keys.
   *
   * @return null if the key is absent; what {@code loader} throws does not say so
   */
  <E extends Exception> @Nullable CachedValue getOneAnew(
      String key, ByteView value, BulkLoader<E> loader) throws CacheException, E {
    boolean[] thrown = {false};
    try {
      return this.<E>getAnewBy(
          key,
          value,
          lease -> {
            thrown[0] = true;
            LoadOutcome outcome = runAlone(lease, loader);
            thrown[0] = false;
            return outcome;
          });
    } catch (KeyNotFoundException absent) {
      if (thrown[0]) {
        throw absent;
      }
      return null;
    }
  }

  private <E extends Exception> LoadOutcome runAlone(Lease lease, BulkLoader<E> loader)
      throws CacheException, E {
    return Objects.requireNonNull(runs.<E>runAll(List.of(lease), loader).get(lease.key()));
  }

  private <E extends Exception> CachedValue getAnewBy(String key, ByteView value, Holder<E> holder)
      throws CacheException, E {
    store.forget(key, value);
    CompletableFuture<LoadOutcome> own = new CompletableFuture<>();
    Seat<Flight> seat = flights.joinFromSource(key, own);
    LoadOutcome outcome = flights.await(seat, own, WaitTime.of(settings.waitTimeout()));
    if (outcome.grant() instanceof Lease lease) {
      outcome = holder.run(lease);
    }
    return reads.answerOf(outcome, seat.found() != null ? Origin.HIT : Origin.MISS, false);
  }
}
