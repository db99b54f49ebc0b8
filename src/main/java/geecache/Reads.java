package geecache;

import geecache.CachedValue.Origin;
import geecache.JoinTable.Seat;
import geecache.Tracing.Step;
import geecache.internal.Waiting;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a get of one group is answered: from memory, else by a peer ({@link PeerFetches}), else by a
 * load ({@link SingleFlight}). {@link Group} and {@link LocalGroup} say what each method promises.
 * Keeps no state between gets.
 */
final class Reads {
  private final GroupSettings settings;
  private final GroupStore store;
  private final Counters counters;
  private final Ticker ticker;
  private final Ticker waitTicker;
  private final SingleFlight flights;
  private final PeerFetches fetches;
  private final GetSpans spans;
  private final LocalGroup local;
  private final AtomicReference<Cluster> cluster;
  private final Waiting waiting;

  Reads(GroupParts group, SingleFlight flights, PeerFetches fetches) {
    this.settings = group.settings();
    this.store = group.store();
    this.counters = group.counters();
    this.ticker = group.node().ticker();
    this.waitTicker = group.node().waitTicker();
    this.flights = flights;
    this.fetches = fetches;
    this.spans = new GetSpans(group);
    this.local = group.local();
    this.cluster = group.node().cluster();
    this.waiting = group.node().waiting();
  }

  /** Gets {@code key}, in whose place in memory the caller found {@code entry}, or nothing. */
  ByteView get(String key, @Nullable Entry entry, Duration wait) throws CacheException {
    return isHit(key, entry, timeFor(entry)) ? valueOf(entry) : missed(key, wait);
  }

  private ByteView missed(String key, Duration wait) throws CacheException {
    KeyRule.require(key);
    return spans.around(Step.GET, 1, () -> valueOf(outcomeOf(key, wait).entryOrThrow()));
  }

  private LoadOutcome outcomeOf(String key, Duration wait) throws CacheException {
    WaitTime time = WaitTime.of(wait);
    long deadline = deadlineIn(wait);
    Seat<Fetch> seat = fetches.join(key, false, deadline);
    if (seat == null) {
      return flights.await(flights.join(key, false), time);
    }
    LoadOutcome fetched = fetches.await(seat, time);
    return fetched == LoadOutcome.NO_PEER_ANSWERED
        ? flights.await(flights.joinAfterFetch(seat.attempt(), false), time.rest(left(deadline)))
        : fetched;
  }

  CompletableFuture<CachedValue> answer(String key) {
    return answer(key, false);
  }

  /** As {@link #answer(String)}, for a stranger who asks for many keys. */
  CompletableFuture<CachedValue> answerGuest(String key) {
    return answer(key, true);
  }

  private CompletableFuture<CachedValue> answer(String key, boolean guest) {
    try {
      Entry entry = store.find(key);
      long now = timeFor(entry);
      return isHit(key, entry, now)
          ? CompletableFuture.completedFuture(answerOf(entry, now))
          : answerMissed(KeyRule.require(key), guest);
    } catch (CacheException failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  private CompletableFuture<CachedValue> answerMissed(String key, boolean guest)
      throws CacheException {
    Duration wait = settings.waitTimeout();
    return guest // One request of a stranger may be for a thousand keys.
        ? answerMissed(key, wait, true)
        : spans.aroundLater(() -> answerMissed(key, wait, false));
  }

  private CompletableFuture<CachedValue> answerMissed(String key, Duration wait, boolean guest)
      throws CacheException {
    PendingGet get = new PendingGet();
    WaitTime time = WaitTime.of(wait);
    long deadline = deadlineIn(wait);
    Seat<Fetch> seat = fetches.join(key, guest, deadline);
    if (seat == null) {
      load(get, flights.join(key, guest), time);
      return get;
    }
    if (seat.found() != null) {
      long now = timeFor(seat.found());
      return CompletableFuture.completedFuture(answerOf(seat.found(), now));
    }
    Supplier<Tracing.Scope> trace = spans.captured();
    fetches.awaitAsync(
        get,
        seat,
        time,
        outcome -> {
          if (outcome == LoadOutcome.NO_PEER_ANSWERED) {
            GetSpans.within(
                trace.get(),
                () -> {
                  load(
                      get,
                      flights.joinAfterFetch(seat.attempt(), guest),
                      time.rest(left(deadline)));
                  return get;
                });
          } else {
            Origin origin = outcome.stale() ? Origin.STALE : Origin.PEER;
            get.complete(answerOf(outcome, origin, !seat.first()));
          }
        });
    return get;
  }

  /**
   * Returns what {@code reader} made of the value in memory. That is a hit. Null if it is not kept,
   * or the value in memory answers no get.
   */
  @Nullable Decoded getDecoded(String key, Object reader) {
    Entry entry = store.find(key);
    Decoded decoded = entry == null ? null : entry.decoded();
    return decoded != null && decoded.reader() == reader && isHit(key, entry, timeFor(entry))
        ? decoded
        : null;
  }

  /**
   * Gets {@code key} anew, for a caller that cannot read {@code value}: this node forgets that
   * value, and asks its own source, even if another node owns the key.
   */
  CachedValue getAnew(String key, ByteView value, Duration wait) throws CacheException {
    store.forget(key, value);
    Seat<Flight> seat = flights.joinFromSource(key);
    Flight flight = seat.attempt();
    LoadOutcome outcome = flights.await(seat, WaitTime.of(wait));
    return flight == null
        ? answerOf(outcome)
        : answerOf(outcome, originOf(flight, outcome), !seat.first());
  }

  /** As {@link #getAnew}, without blocking. */
  CompletableFuture<CachedValue> answerAnew(String key, ByteView value) {
    try {
      store.forget(key, value);
      PendingGet get = new PendingGet();
      load(get, flights.joinFromSource(key), WaitTime.of(settings.waitTimeout()));
      return get;
    } catch (CacheException failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  private void load(PendingGet get, Seat<Flight> seat, WaitTime wait) throws CacheException {
    Flight flight = seat.attempt();
    if (flight == null) {
      get.complete(answerOf(LoadOutcome.loaded(Objects.requireNonNull(seat.found()), false)));
      return;
    }
    get.seat = seat;
    flights.awaitAsync(
        get,
        seat,
        wait,
        outcome -> get.complete(answerOf(outcome, originOf(flight, outcome), !seat.first())));
  }

  /**
   * Answers another node without asking a third one.
   *
   * @param guest whether a stranger asks
   */
  CompletableFuture<CachedValue> answerLocally(String key, boolean guest, LocalGroup.Asker asker) {
    try {
      Entry entry = store.find(key);
      long now = timeFor(entry);
      if (isHit(key, entry, now)) {
        return CompletableFuture.completedFuture(answerOf(entry, now));
      }
      KeyRule.require(key);
      WaitTime wait = waitOfNode(asker.left());
      return spans.within(
          asker,
          () -> {
            PendingGet get = new PendingGet();
            if (asker.canLoad() && !guest) {
              loadThere(get, key, asker, wait);
            } else {
              load(get, flights.join(key, guest, asker.callers()), wait);
            }
            return get;
          });
    } catch (CacheException failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  /** As {@link #load}, for a node that may be given the lease. */
  private void loadThere(PendingGet get, String key, LocalGroup.Asker asker, WaitTime wait)
      throws CacheException {
    CompletableFuture<LoadOutcome> own = new CompletableFuture<>();
    Seat<Flight> seat = flights.joinToLoad(key, false, asker.callers(), own);
    Flight flight = seat.attempt();
    if (flight == null) {
      get.complete(answerOf(LoadOutcome.loaded(Objects.requireNonNull(seat.found()), false)));
      return;
    }
    get.seat = seat;
    boolean waits = false;
    try {
      awaitThere(get, seat, own, asker.node(), wait);
      waits = true;
    } finally {
      if (!waits) {
        WaitLimits.abandon(own);
      }
    }
  }

  private void awaitThere(
      PendingGet get,
      Seat<Flight> seat,
      CompletableFuture<LoadOutcome> own,
      long node,
      WaitTime wait)
      throws CacheException {
    Flight flight = Objects.requireNonNull(seat.attempt());
    flights.awaitAsync(
        get,
        seat,
        own,
        wait,
        outcome -> {
          if (outcome.grant() instanceof FlightLease lease) {
            give(lease, node, get);
          } else {
            get.complete(answerOf(outcome, originOf(flight, outcome), !seat.first()));
          }
        });
  }

  private static void give(FlightLease lease, long node, PendingGet get) {
    lease.giveTo(node);
    get.lease = lease;
    if (!get.completeExceptionally(new LeaseGiven(lease.number()))) {
      lease.giveBack(); // The node has gone.
    }
  }

  /**
   * A node waits for callers of its own, of which some may have come later than the first. It may
   * say how long, but is given no more than that takes.
   */
  private WaitTime waitOfNode(@Nullable Duration left) {
    Duration longest = settings.waitTimeout().plus(settings.loadTimeout());
    return left == null || left.compareTo(longest) > 0
        ? WaitTime.of(longest)
        : WaitTime.ofNode(left);
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

  static Origin originOf(Flight flight, LoadOutcome outcome) {
    if (outcome.stale()) {
      return Origin.STALE;
    }
    if (flight.peeked) {
      return Origin.PEER;
    }
    return flight.afterExpiry ? Origin.EXPIRED : Origin.MISS;
  }

  Map<String, ByteView> getAll(Collection<String> keys) throws CacheException {
    keys.forEach(KeyRule::require);
    Duration wait = settings.waitTimeout();
    long deadline = deadlineIn(wait);
    try (ManyGets gets = new ManyGets(settings, flights, fetches, deadline, () -> left(deadline))) {
      for (String key : new LinkedHashSet<>(keys)) {
        Entry entry = store.find(key);
        if (isHit(key, entry, timeFor(entry))) {
          gets.note(key, LoadOutcome.loaded(entry, false));
        } else {
          gets.noteMiss(key);
        }
      }
      return gets.isComplete()
          ? present(gets.awaitAll())
          : spans.around(Step.GET, gets.missing(), () -> present(gets.awaitAll()));
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

  /** As {@link #isHit(String, Entry, long)}, now. */
  boolean isHit(String key, @Nullable Entry entry) {
    return isHit(key, entry, timeFor(entry));
  }

  /**
   * Returns the value that the owner of {@code key} has in memory, of which this node keeps a copy
   * if it is popular; null if there is none, or this node is the owner. Blocks for a moment.
   */
  @Nullable ByteView look(String key) {
    long fence = store.currentFence();
    CompletableFuture<@Nullable PeerValue> answer = cluster.get().look(local, key);
    PeerValue given = answer == null ? null : waiting.join(answer);
    if (given == null || !given.isLive() || given.value().length() > settings.maxValueBytes()) {
      return null;
    }
    store.countFetch(key);
    store.keepFetched(key, fence, given, null);
    return given.value();
  }

  /** Whether {@code entry}, as found in memory, answers a get. Counts a hit if it does. */
  private boolean isHit(String key, @Nullable Entry entry, long now) {
    if (entry == null) {
      return false;
    }
    if (entry.isPlain() || entry.isPlainlyFresh(now)) {
      if (counters.hits.increment()) {
        store.lookAgain(key);
      }
      return true;
    }
    Entry.Timed timed = (Entry.Timed) entry;
    if (!timed.mayAnswer(now)) {
      return false;
    }
    if (counters.countHit(timed)) {
      store.lookAgain(key);
    }
    if (!timed.isFresh(now)) {
      counters.staleServed.increment();
    }
    if (timed.isDueForRefresh(now)) {
      flights.refresh(key);
    }
    return true;
  }

  static ByteView valueOf(Entry entry) throws KeyNotFoundException {
    if (entry.value == null) {
      throw KeyNotFoundException.of(entry);
    }
    return entry.value;
  }

  /** Returns the answer of a get that found its value in memory at the second look. */
  CachedValue answerOf(LoadOutcome found) throws CacheException {
    Entry entry = found.entryOrThrow();
    return answerOf(entry, timeFor(entry));
  }

  private static CachedValue answerOf(Entry hit, long now) throws KeyNotFoundException {
    boolean fresh = hit.isPlain() || ((Entry.Timed) hit).isFresh(now);
    return answerOf(hit, fresh ? Origin.HIT : Origin.STALE, false, false, now);
  }

  CachedValue answerOf(LoadOutcome outcome, Origin origin, boolean collapsed)
      throws CacheException {
    Entry entry = outcome.entryOrThrow();
    return answerOf(entry, origin, collapsed, outcome.stored(), timeFor(entry));
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
