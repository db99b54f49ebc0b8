package geecache;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A namespace of keys with one {@link Getter}, one budget of bytes and one set of rules. Made by
 * {@link Geecache#newGroup} or {@link Geecache#group}. Safe for use by many threads.
 *
 * <p>A get looks in memory, and takes no lock there with the default store. Else, where another
 * node of the cluster owns the key, it asks that node, or waits with others who did; and where this
 * node owns it, it joins the load of the key that is under way, or begins one on the node's loader
 * threads, and waits. The wait is the caller's own: its deadline or interrupt ends it and nobody
 * else's.
 *
 * <p>A get begun after {@link #remove}, {@link #set} or {@link #clear} returned never sees the old
 * value, on any node of the cluster. One begun earlier may. Where such a change throws {@link
 * NotReachedException}, that holds on all nodes but the ones it names.
 */
public final class Group {
  /** The longest key that a group takes, in bytes of UTF-8. */
  public static final int MAX_KEY_BYTES = KeyRule.MAX_BYTES;

  final GroupEngine engine;
  private final GroupSettings settings;
  private final Counters counters;
  private final GroupStore store;
  private final Reads reads;
  private final AtomicReference<Cluster> cluster;

  Group(GroupEngine engine) {
    this.engine = engine;
    this.settings = engine.parts.settings();
    this.counters = engine.parts.counters();
    this.store = engine.parts.store();
    this.reads = engine.reads;
    this.cluster = engine.parts.node().cluster();
  }

  /** Returns the name under which the node knows this group. */
  public String name() {
    return engine.name();
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
    Entry entry = store.find(key);
    if (entry == null) {
      return reads.missed(key, settings.waitTimeout());
    }
    if (entry.isPlain()) { // So it is no copy.
      counters.hits.increment();
      return Objects.requireNonNull(entry.value);
    }
    return reads.get(key, settings.waitTimeout());
  }

  /**
   * Returns the value of {@code key}, and waits for a load at most as long as {@code wait}; zero or
   * less takes only what is in memory, and still begins the load. In a getter, a load that runs on
   * the getter's own thread is bounded by the group's {@code loadTimeout} instead.
   *
   * @throws CacheException as {@link #get(String)} does
   */
  public ByteView get(String key, Duration wait) throws CacheException {
    return reads.get(key, wait);
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
    return answer(key).thenApply(CachedValue::value);
  }

  /**
   * Returns the value of {@code key} and where it came from, once it is there; otherwise as {@link
   * #getAsync}. A hit is a future that is done.
   */
  public CompletableFuture<CachedValue> answer(String key) {
    return reads.answer(key);
  }

  /**
   * Returns the values of many keys, in the order of {@code keys}; those that the source does not
   * have are left out. Peers are asked for theirs at the same time, for many keys at once. Cold
   * keys load at the same time, as many as the group's {@code maxLoads}; on a loader thread one
   * after the other.
   *
   * @throws CacheException the first failure of a key; the other loads go on
   * @throws IllegalArgumentException if {@link #requireKey} refuses one of the keys
   */
  public Map<String, ByteView> getAll(Collection<String> keys) throws CacheException {
    return reads.getAll(keys);
  }

  /**
   * Removes {@code key} on every node of the cluster: a get begun from now on asks the source
   * again. Blocks until all nodes have acknowledged, or time is up for those that do not.
   *
   * @throws NotReachedException if not all nodes acknowledged
   * @throws IllegalStateException if there are peers, and no secret which allows changes
   * @throws IllegalArgumentException if {@link #requireKey} refuses the key
   */
  public void remove(String key) throws NotReachedException {
    removeAll(List.of(key));
  }

  /** Removes each of {@code keys}, as {@link #remove} does, with one message a node. */
  public void removeAll(Collection<String> keys) throws NotReachedException {
    keys.forEach(KeyRule::require);
    cluster.get().removeAll(engine, keys);
  }

  /** Removes everything on every node of the cluster, as {@link #remove} does. */
  public void clear() throws NotReachedException {
    cluster.get().clear(engine);
  }

  /**
   * Stores {@code value}, on the node that owns the key, as if it had just been loaded, and removes
   * the key on all others, as {@link #remove} does: a get begun from now on sees it.
   *
   * @param timeToLive as in {@link Value}; null for what the group says; zero removes the key
   * @throws IllegalArgumentException also if the value is larger than the group's {@code
   *     maxValueBytes}
   */
  public void set(String key, ByteView value, @Nullable Duration timeToLive)
      throws NotReachedException {
    KeyRule.require(key);
    if (value.length() > settings.maxValueBytes()) {
      throw new IllegalArgumentException(GroupParts.tooLarge(value, settings.maxValueBytes()));
    }
    new Value(value, timeToLive); // Refuses a time that is negative, before anything is changed.
    cluster.get().set(engine, key, value, timeToLive);
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

  /** Returns what this group has done and what it holds. */
  public GroupStats stats() {
    return store.stats();
  }

  /**
   * Returns {@code key} if a group takes it: not empty, at most {@link #MAX_KEY_BYTES} bytes of
   * UTF-8, no unpaired surrogate.
   *
   * @throws IllegalArgumentException if not; the message names the rule and may be told to clients
   */
  public static String requireKey(String key) {
    return KeyRule.require(key);
  }
}
