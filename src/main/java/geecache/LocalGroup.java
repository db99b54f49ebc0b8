package geecache;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A group on this node alone, for the {@link Cluster} of the node and for the servers that answer
 * its peers: nothing here asks another node, or tells it anything. Applications use {@link Group}.
 * Safe for use by many threads.
 */
public final class LocalGroup {
  private final String name;
  private final Getter getter;
  final GroupSettings settings;
  final Counters counters = new Counters();
  final Entries entries;
  private final SingleFlight flights;
  private final Fetches fetches;
  final Gets gets;

  LocalGroup(
      String name,
      GroupSettings settings,
      Getter getter,
      Ticker ticker,
      Loaders loaders,
      AtomicReference<Cluster> cluster) {
    this.name = name;
    this.getter = getter;
    this.settings = settings;
    this.entries = new Entries(settings, ticker, counters, cluster);
    Waits waits = new Waits(loaders, counters);
    this.flights =
        new SingleFlight(
            this, getter, settings, entries, counters, ticker, loaders, waits, cluster);
    this.fetches = new Fetches(this, entries, counters, cluster);
    this.gets = new Gets(settings, entries, counters, ticker, waits, flights, fetches);
  }

  /** Returns what this node has of {@code group}. */
  public static LocalGroup of(Group group) {
    return group.local;
  }

  /** Returns the name under which the node knows this group. */
  public String name() {
    return name;
  }

  /**
   * Returns the value of {@code key} from memory or by a load of this node's own, even if another
   * node owns the key: for a request that comes from a peer, and must not go round in circles. In
   * all else as {@link Group#answer}.
   */
  public CompletableFuture<CachedValue> get(String key) {
    return gets.answerHere(key);
  }

  /**
   * Returns the value that memory has of {@code key}, for a peer that owns the key now; null if
   * there is none, or it is past its end, or a copy. Begins no load, waits for none, and counts no
   * get.
   */
  public @Nullable CachedValue peek(String key) {
    return gets.ofOwner(key);
  }

  /**
   * As {@link #peek}, for a peer that stores the value: if this node does not own the key any more,
   * it forgets the value, to make room for the keys that it owns.
   */
  public @Nullable CachedValue handOut(String key) {
    return gets.give(key);
  }

  /**
   * Returns the keys of the values in memory, without the copies of values that other nodes keep;
   * those that the store would keep longest come first.
   */
  public List<String> hottestKeys() {
    return entries.hottest();
  }

  /**
   * Stores a value that the former owner of the key hands over, unless a fresh value is there, or
   * the given one is past its end or too large.
   *
   * @param mayBe asked whether the value may be stored, after the moment from which a removal
   *     forbids it
   * @return whether it was stored
   * @throws IllegalArgumentException if {@link Group#requireKey} refuses the key
   */
  public boolean accept(String key, PeerValue given, BooleanSupplier mayBe) {
    Group.requireKey(key);
    long begin = entries.begin();
    return given.isLive()
        && given.value().length() <= settings.maxValueBytes()
        && mayBe.getAsBoolean()
        && entries.take(key, begin, given);
  }

  /** Removes these keys on this node. */
  public void remove(Collection<String> keys) {
    for (String key : keys) {
      flights.detach(key, () -> entries.remove(key));
      fetches.detach(key);
    }
  }

  /** Removes everything on this node. */
  public void clear() {
    long stamp = entries.clear();
    flights.detachAll(stamp);
    fetches.detachAll(stamp);
  }

  /** Stores a value on this node, as if it had just been loaded. */
  public void set(String key, ByteView value, @Nullable Duration timeToLive) {
    Value set = new Value(value, timeToLive);
    flights.detach(key, () -> entries.set(key, set));
    fetches.detach(key);
  }

  /** Returns the largest value that the group takes, in bytes. */
  public int maxValueBytes() {
    return settings.maxValueBytes();
  }

  /** Returns how long a load may take. */
  public Duration loadTimeout() {
    return settings.loadTimeout();
  }

  /** Returns how long a get waits that names no other time. */
  public Duration waitTimeout() {
    return settings.waitTimeout();
  }

  /** Returns what this group has done on this node, and what it holds. */
  public GroupStats stats() {
    return entries.stats();
  }

  String tooLarge(ByteView value) {
    return "value is too large: " + value.length() + " bytes, at most " + settings.maxValueBytes();
  }

  void demote() {
    entries.demote();
  }

  /** Fails every load under way; later ones find no thread. */
  void close() {
    flights.close();
    fetches.close();
  }

  /** Closes the getter, if it has an end. Called once no load runs, or none will end. */
  void closeGetter() throws Exception {
    if (getter instanceof AutoCloseable closeable) {
      closeable.close();
    }
  }
}
