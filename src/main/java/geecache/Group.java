package geecache;

import geecache.Answer.Origin;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A namespace of keys with one {@link Getter}, one budget of bytes and one set of rules. Made by
 * {@link Geecache#newGroup} or {@link Geecache#group}. Safe for use by many threads.
 *
 * <p>A get looks in memory, and takes no lock there with the default store. Else it joins the load
 * of its key that is under way, or begins one on the node's loader threads, and waits. The wait is
 * the caller's own: its deadline or interrupt ends it and nobody else's.
 *
 * <p>A get begun after {@link #remove}, {@link #set} or {@link #clear} returned never sees the old
 * value. One begun earlier may.
 */
public final class Group {
  /** The longest key that a group takes, in bytes of UTF-8. */
  public static final int MAX_KEY_BYTES = 2048;

  private final String name;
  private final GroupSettings settings;
  private final Ticker ticker;
  private final Counters counters = new Counters();
  private final Entries entries;
  private final SingleFlight flights;

  Group(String name, GroupSettings settings, Getter getter, Ticker ticker, Loaders loaders) {
    this.name = name;
    this.settings = settings;
    this.ticker = ticker;
    this.entries = new Entries(settings, ticker, counters);
    this.flights = new SingleFlight(this, getter, settings, entries, counters, ticker, loaders);
  }

  /** Returns the name under which the node knows this group. */
  public String name() {
    return name;
  }

  /**
   * Returns the value of {@code key}, and waits for a load as long as the group's {@code
   * waitTimeout} has it.
   *
   * @throws KeyNotFoundException if the source says that there is no such key
   * @throws LoadException if the source failed; the next get tries again
   * @throws LoadTimeoutException if the answer did not come in time
   * @throws OverloadedException if too many loads are waiting
   * @throws IllegalArgumentException if {@link #requireKey} refuses the key
   */
  public ByteView get(String key) throws CacheException {
    Entry entry = entries.find(key);
    if (entry != null && entry.isPlain()) {
      counters.hits.increment();
      return Objects.requireNonNull(entry.value);
    }
    return get(key, settings.waitTimeout());
  }

  /**
   * Returns the value of {@code key}, and waits for a load at most as long as {@code wait}; zero or
   * less takes only what is in memory, and still begins the load. In a getter, a load that runs on
   * the getter's own thread is bounded by the group's {@code loadTimeout} instead.
   *
   * @throws CacheException as {@link #get(String)} does
   */
  public ByteView get(String key, Duration wait) throws CacheException {
    Entry hit = hit(key);
    if (hit != null) {
      return valueOf(hit);
    }
    return valueOf(flights.await(miss(key), wait).entryOrThrow());
  }

  /**
   * Returns the value of {@code key} once it is there. Never blocks, except on a loader thread,
   * where a getter's own get is answered before this returns. Cancelling or completing the future
   * is this caller's own affair. Dependent actions must be short: they run on a thread of the
   * node's, unless they are given an executor.
   *
   * @return fails with what {@link #get(String)} throws
   * @throws IllegalArgumentException if {@link #requireKey} refuses the key
   */
  public CompletableFuture<ByteView> getAsync(String key) {
    return answer(key).thenApply(Answer::value);
  }

  /**
   * Returns the value of {@code key} and where it came from, once it is there; otherwise as {@link
   * #getAsync}. A hit is a future that is done.
   */
  public CompletableFuture<Answer> answer(String key) {
    try {
      Entry hit = hit(key);
      if (hit != null) {
        Origin origin = entries.isFresh(hit) ? Origin.HIT : Origin.STALE;
        return CompletableFuture.completedFuture(answerOf(hit, origin, false, false));
      }
      SingleFlight.Seat seat = miss(key);
      return flights
          .awaitAsync(seat, settings.waitTimeout())
          .thenCompose(landing -> answerOf(seat, landing));
    } catch (CacheException failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  /**
   * Returns the values of many keys, in the order of {@code keys}; those that the source does not
   * have are left out. Cold keys load at the same time, as many as the group's {@code maxLoads}; on
   * a loader thread one after the other.
   *
   * @throws CacheException the first failure of a key; the other loads go on
   * @throws IllegalArgumentException if {@link #requireKey} refuses one of the keys
   */
  public Map<String, ByteView> getAll(Collection<String> keys) throws CacheException {
    keys.forEach(Group::requireKey);
    Map<String, SingleFlight.Seat> seats = new LinkedHashMap<>();
    Duration wait = settings.waitTimeout();
    long deadline = System.nanoTime() + wait.toNanos();
    Map<String, Landing> landings = new LinkedHashMap<>();
    ArrayDeque<String> loading = new ArrayDeque<>();
    for (String key : new LinkedHashSet<>(keys)) {
      Entry hit = hit(key);
      if (hit != null) {
        landings.put(key, Landing.loaded(hit, false));
        continue;
      }
      if (loading.size() == settings.maxLoads()) { // More would only fill the queue of the others.
        String oldest = loading.remove();
        landings.put(oldest, flights.await(seats.get(oldest), left(deadline), wait));
      }
      landings.put(key, null);
      seats.put(key, miss(key));
      loading.add(key);
    }
    for (String key : loading) {
      landings.put(key, flights.await(seats.get(key), left(deadline), wait));
    }
    return present(landings);
  }

  private static Duration left(long deadline) {
    return Duration.ofNanos(deadline - System.nanoTime());
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

  /** Removes {@code key}: a get begun from now on asks the source again. */
  public void remove(String key) {
    flights.detach(requireKey(key), () -> entries.remove(key));
  }

  /** Removes each of {@code keys}, as {@link #remove} does. */
  public void removeAll(Collection<String> keys) {
    keys.forEach(Group::requireKey);
    keys.forEach(this::remove);
  }

  /** Removes everything: a get begun from now on asks the source again. */
  public void clear() {
    flights.detachAll(entries.clear());
  }

  /**
   * Stores {@code value} as if it had just been loaded: a get begun from now on sees it.
   *
   * @param timeToLive as in {@link Value}; null for what the group says; zero removes the key
   * @throws IllegalArgumentException if the key is refused, or the value is larger than the group's
   *     {@code maxValueBytes}
   */
  public void set(String key, ByteView value, @Nullable Duration timeToLive) {
    requireKey(key);
    if (value.length() > settings.maxValueBytes()) {
      throw new IllegalArgumentException(tooLarge(value));
    }
    Value set = new Value(value, timeToLive);
    flights.detach(key, () -> entries.set(key, set));
  }

  /** Returns what this group has done and what it holds. */
  public GroupStats stats() {
    return counters.snapshot(entries.count(), entries.bytes());
  }

  /**
   * Returns {@code key} if a group takes it: not empty, at most {@link #MAX_KEY_BYTES} bytes of
   * UTF-8, no unpaired surrogate.
   *
   * @throws IllegalArgumentException if not; the message names the rule and may be told to clients
   */
  public static String requireKey(String key) {
    if (key.isEmpty()) {
      throw new IllegalArgumentException("key is required");
    }
    int length = Utf8.length(key);
    if (length < 0) {
      throw new IllegalArgumentException("key is not valid Unicode: it has an unpaired surrogate");
    }
    if (length > MAX_KEY_BYTES) {
      throw new IllegalArgumentException(
          "key is too long: " + length + " bytes of UTF-8, at most " + MAX_KEY_BYTES);
    }
    return key;
  }

  String tooLarge(ByteView value) {
    return "value is too large: " + value.length() + " bytes, at most " + settings.maxValueBytes();
  }

  /** Fails every load under way; later ones find no thread. */
  void close() {
    flights.close();
  }

  /** Returns what memory answers now, counted as a hit, or null. */
  private @Nullable Entry hit(String key) {
    Entry entry = entries.find(key);
    if (entry == null || !entries.mayAnswer(entry)) {
      return null;
    }
    counters.hits.increment();
    if (!entries.isFresh(entry)) {
      counters.staleServed.increment();
    }
    if (entries.isDueForRefresh(entry)) {
      flights.refresh(key);
    }
    return entry;
  }

  /** Keys are checked here only: a key in memory passed here once. */
  private SingleFlight.Seat miss(String key) {
    return flights.join(requireKey(key));
  }

  private static ByteView valueOf(Entry entry) throws KeyNotFoundException {
    if (entry.value == null) {
      throw new KeyNotFoundException(String.valueOf(((Entry.Timed) entry).absence));
    }
    return entry.value;
  }

  private CompletableFuture<Answer> answerOf(SingleFlight.Seat seat, Landing landing) {
    try {
      Entry entry = landing.entryOrThrow();
      Origin origin =
          landing.stale()
              ? Origin.STALE
              : seat.flight() == null
                  ? Origin.HIT
                  : seat.flight().afterExpiry ? Origin.EXPIRED : Origin.MISS;
      return CompletableFuture.completedFuture(
          answerOf(entry, origin, seat.flight() != null && !seat.first(), landing.stored()));
    } catch (CacheException failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  private Answer answerOf(Entry entry, Origin origin, boolean collapsed, boolean stored)
      throws KeyNotFoundException {
    ByteView value = valueOf(entry);
    if (entry.isPlain()) {
      return new Answer(value, origin, collapsed, stored, null, null);
    }
    Entry.Timed timed = (Entry.Timed) entry;
    long now = ticker.nanos();
    return new Answer(
        value,
        origin,
        collapsed,
        stored,
        Duration.ofNanos(now - timed.begun),
        Duration.ofNanos(timed.expiresAt - now));
  }
}
