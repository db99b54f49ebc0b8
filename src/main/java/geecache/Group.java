package geecache;

import geecache.internal.Waiting;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A namespace of keys with one {@link Getter}, one budget of bytes and one set of rules. Made by
 * {@link Geecache#newGroup} or {@link Geecache#group}. Safe for use by many threads.
 *
 * <p>A get looks in memory first, without a lock unless the group has the LRU store. If the value
 * is not there and another node of the cluster owns the key, the get asks that node, or waits with
 * other gets that asked. If this node owns the key, the get joins the load that is under way, or
 * begins one on the loader threads of the node, and waits. A deadline or an interrupt ends the wait
 * of its own caller only.
 *
 * <p>A get that begins after {@link #remove}, {@link #set} or {@link #clear} has returned never
 * sees the old value, on any node of the cluster. A get that began earlier may see it. If such a
 * change throws {@link NotReachedException}, the promise does not hold on the nodes that the
 * exception names.
 */
public final class Group {
  /** The longest key that a group takes, in bytes of UTF-8. */
  public static final int MAX_KEY_BYTES = KeyRule.MAX_BYTES;

  final GroupEngine engine;
  private final GroupSettings settings;
  private final Counters counters;
  private final GroupStore store;
  private final Reads reads;
  private final LoaderReads loaderReads;
  private final AsyncLoads asyncLoads;
  private final AtomicReference<Cluster> cluster;
  private final Waiting waiting;

  Group(GroupEngine engine) {
    this.engine = engine;
    this.settings = engine.parts.settings();
    this.counters = engine.parts.counters();
    this.store = engine.parts.store();
    this.reads = engine.reads;
    this.loaderReads = engine.loaderReads;
    this.asyncLoads = engine.asyncLoads;
    this.cluster = engine.parts.node().cluster();
    this.waiting = engine.parts.node().waiting();
  }

  /** Returns the name under which the node knows this group. */
  public String name() {
    return engine.name();
  }

  /**
   * Returns the value of {@code key}. Waits for a load at most as long as the {@code waitTimeout}
   * of the group.
   *
   * @throws KeyNotFoundException if the source says that there is no such key
   * @throws LoadException if the source failed; the next get tries again
   * @throws LoadTimeoutException if the answer did not come in time
   * @throws OverloadedException if too many loads are waiting, or the load had no place in time
   * @throws ClosedException if the node is closed
   * @throws IllegalArgumentException if {@link #requireKey} refuses the key
   */
  public ByteView get(String key) throws CacheException {
    Entry entry = store.find(key);
    if (entry != null && entry.isPlain()) { // A copy is never plain.
      if (counters.hits.increment()) {
        store.lookAgain(key);
      }
      return Objects.requireNonNull(entry.value);
    }
    return reads.get(key, entry, settings.waitTimeout());
  }

  /**
   * Returns the value of {@code key}. Waits for a load at most as long as {@code wait}. With a wait
   * of zero or less, it returns a value only from memory, but still begins the load, unless that
   * would have to wait for a place. If a getter calls this, a load that runs on the getter's own
   * thread is bounded by the {@code loadTimeout} of the group instead.
   *
   * @throws CacheException as {@link #get(String)} does
   */
  public ByteView get(String key, Duration wait) throws CacheException {
    return reads.get(key, store.find(key), wait);
  }

  /**
   * Returns the value of {@code key}, which this caller loads itself if nobody else has or does. If
   * neither this node nor the owner of the key has it, and nobody loads it, this caller has the
   * lease of the key, and {@code loader} runs on this thread. All others who want the key wait for
   * its result, on all nodes, each as long as its own time lasts, and the owner stores it. If the
   * key is removed or set meanwhile, the result is for this caller and for those who wait by then,
   * and is not stored.
   *
   * <p>The lease lasts for the {@code leaseTimeout} of the group, as long as other nodes hear of
   * this one. Then, or if {@code loader} fails because its caller ends, the next caller that waits
   * and has a loader has the lease. What this caller loads is returned to it in any case.
   *
   * <p>If the owner of the key cannot be reached, one caller of this node loads the key for all of
   * them, and nobody stores it.
   *
   * @throws E what {@code loader} throws, if it is that of this caller; others get a {@link
   *     CacheException}
   * @throws LoadException if {@code loader} returns null, or gets {@code key} itself, or the loader
   *     of another caller failed
   * @throws CacheException as {@link #get(String)} does, if another caller loads the key
   * @throws IllegalArgumentException if {@link #requireKey} refuses the key
   */
  public <E extends Exception> ByteView get(String key, Loader<E> loader) throws CacheException, E {
    Objects.requireNonNull(loader, "a loader is required");
    Entry entry = store.find(key);
    return reads.isHit(key, entry)
        ? Reads.valueOf(Objects.requireNonNull(entry))
        : loaderReads.get(key, loader);
  }

  /**
   * Returns the value of {@code key} if this node or the owner of the key has it in memory. Loads
   * nothing, and waits for no load. Empty too if the owner does not answer in time, or may have
   * missed a removal.
   *
   * @throws IllegalArgumentException if {@link #requireKey} refuses the key
   */
  public Optional<ByteView> getIfPresent(String key) {
    Entry entry = store.find(key);
    if (reads.isHit(key, entry)) {
      return Optional.ofNullable(Objects.requireNonNull(entry).value);
    }
    return Optional.ofNullable(reads.look(KeyRule.require(key)));
  }

  /**
   * Returns a future of the value of {@code key}. Never blocks, except on a loader thread, where
   * the get of a getter is answered before this returns. A caller may cancel or complete the
   * future, or give it a time-out: that affects no other caller, and ends the get. A load that
   * waits for a place is not run if no get waits for it any more. Dependent actions must be short:
   * they run on a thread of the node, unless they are given an executor.
   *
   * @return fails with the exceptions of {@link #get(String)}
   * @throws IllegalArgumentException if {@link #requireKey} refuses the key
   */
  public CompletableFuture<ByteView> getAsync(String key) {
    return valueOf(answer(key));
  }

  private static CompletableFuture<ByteView> valueOf(CompletableFuture<CachedValue> answer) {
    CompletableFuture<ByteView> value = answer.thenApply(CachedValue::value);
    if (!answer.isDone()) {
      value.whenComplete((v, failure) -> answer.cancel(false)); // Its caller may have ended it.
    }
    return value;
  }

  /**
   * Returns a future of the value of {@code key}, which this caller loads itself if nobody else has
   * or does, as {@link #get(String, Loader)} does, and without blocking, as {@link
   * #getAsync(String)}. No thread waits, neither for others nor for the stage of {@code loader};
   * while that has not ended, the get counts as one that waits ({@link GroupBuilder#maxWaiters}).
   * If the future ends before, or {@code loader} is interrupted or its stage cancelled, the next
   * caller that waits and has a loader has the lease; the stage itself is left alone. What {@code
   * loader} brings after its lease has ended is for this caller alone, however late: give the
   * future a time-out to bound that.
   *
   * @return fails with what {@code loader} throws or its stage ends with, if this caller has the
   *     lease; with {@link OverloadedException} if there is no place for its call in time; else
   *     with the exceptions of {@link #get(String, Loader)}
   * @throws IllegalArgumentException if {@link #requireKey} refuses the key
   */
  public CompletableFuture<ByteView> getAsync(String key, AsyncLoader loader) {
    Objects.requireNonNull(loader, "a loader is required");
    return valueOf(asyncLoads.answer(key, loader));
  }

  /**
   * Returns a future of the value of {@code key} and where it came from; otherwise as {@link
   * #getAsync(String)}. For a hit the future is done.
   */
  public CompletableFuture<CachedValue> answer(String key) {
    return reads.answer(key);
  }

  /**
   * Returns the values of many keys, in the order of {@code keys}, without the keys that the source
   * does not have. Each peer is asked for many keys at once, of which one peer by the calling
   * thread itself: that may notice a deadline or an interrupt a quarter of a second late. Cold keys
   * load at the same time, as many as the {@code maxLoads} of the group; on a loader thread one
   * after the other.
   *
   * @throws CacheException the first failure of a key; the other loads that run go on
   * @throws IllegalArgumentException if {@link #requireKey} refuses one of the keys
   */
  public Map<String, ByteView> getAll(Collection<String> keys) throws CacheException {
    return reads.getAll(keys);
  }

  /**
   * Returns the values of many keys, in the order of {@code keys}, without those that are absent.
   * This caller loads the keys itself that nobody else has or loads: {@code loader} runs on this
   * thread, with one call for all keys of which this caller has the leases, as {@link #get(String,
   * Loader)} has one. Only then does it wait for those that others load, as long as the {@code
   * waitTimeout} of the group since this began. For leases that pass to it meanwhile, {@code
   * loader} is called again. More than 1,024 keys that are not in memory are got in turns; on a
   * loader thread, keys are got one after the other.
   *
   * @throws E what {@code loader} throws; all keys of that call fail for those who wait for them
   * @throws LoadException if {@code loader} returns null, a key that it was not asked for, or null
   *     for a key: then nothing of that call is stored; or if it gets one of the keys that it loads
   * @throws CacheException the first failure of a key that another caller loads
   * @throws IllegalArgumentException if {@link #requireKey} refuses one of the keys
   */
  public <E extends Exception> Map<String, ByteView> getAll(
      Collection<String> keys, BulkLoader<E> loader) throws CacheException, E {
    Objects.requireNonNull(loader, "a loader is required");
    return loaderReads.getAll(keys, loader);
  }

  /**
   * Removes {@code key} on every node of the cluster: a get that begins after this has returned
   * asks the source again. Blocks until all nodes have acknowledged, or the time for that is over,
   * interrupted or not.
   *
   * @throws NotReachedException if not all nodes acknowledged
   * @throws OverloadedException if too many changes are under way on this node; nothing was removed
   * @throws IllegalStateException if there are peers, and no secret which allows changes; or if the
   *     node is closed
   * @throws IllegalArgumentException if {@link #requireKey} refuses the key
   */
  public void remove(String key) throws NotReachedException, OverloadedException {
    await(removeAsync(key));
  }

  /**
   * Removes each of {@code keys}, as {@link #remove} does, many with one message to each node. The
   * time is that of one change: nodes that have not acknowledged all of very many keys by then are
   * named.
   */
  public void removeAll(Collection<String> keys) throws NotReachedException, OverloadedException {
    await(removeAllAsync(keys));
  }

  /** Removes everything on every node of the cluster, as {@link #remove} does. */
  public void clear() throws NotReachedException, OverloadedException {
    await(clearAsync());
  }

  /**
   * Stores {@code value} on the node that owns the key, as if it had just been loaded, and removes
   * the key on all other nodes, as {@link #remove} does: a get that begins after this has returned
   * sees the value.
   *
   * @param timeToLive as in {@link Value}; null for the time of the group; zero removes the key
   * @throws ValueTooLargeException if the value is larger than the group's {@code maxValueBytes},
   *     or takes more heap than the group has
   */
  public void set(String key, ByteView value, @Nullable Duration timeToLive)
      throws NotReachedException, OverloadedException {
    await(setAsync(key, value, timeToLive));
  }

  /**
   * As {@link #remove}, without blocking. The promise holds for a get that begins after the future
   * is done. To cancel the future stops nothing. Dependent actions must be short: they run on a
   * thread of the node, unless they are given an executor.
   *
   * @return fails with {@link NotReachedException} or {@link OverloadedException}, or with {@link
   *     ClosedException} once the node is closed
   * @throws IllegalStateException as {@link #remove} does
   * @throws IllegalArgumentException as {@link #remove} does
   */
  public CompletableFuture<Void> removeAsync(String key) {
    return removeAllAsync(List.of(key));
  }

  /** As {@link #removeAll}, without blocking; see {@link #removeAsync}. */
  public CompletableFuture<Void> removeAllAsync(Collection<String> keys) {
    keys.forEach(KeyRule::require);
    counters.removals.add(keys.size());
    return cluster.get().removeAll(engine, keys);
  }

  /** As {@link #clear}, without blocking; see {@link #removeAsync}. */
  public CompletableFuture<Void> clearAsync() {
    counters.clears.increment();
    return cluster.get().clear(engine);
  }

  /** As {@link #set}, without blocking; see {@link #removeAsync}. */
  public CompletableFuture<Void> setAsync(
      String key, ByteView value, @Nullable Duration timeToLive) {
    KeyRule.require(key);
    engine.requireRoom(key, value, timeToLive); // Before anything is changed.
    counters.sets.increment();
    return cluster.get().set(engine, key, value, timeToLive);
  }

  /**
   * Stores {@code value} as {@link #set} does, if the node that owns the key has no value of it.
   * That is one step there: of several calls at once, one stores its value. A load that is under
   * way is void then, as for {@link #set}.
   *
   * @param timeToLive as in {@link Value}; null for the time of the group
   * @return whether it was stored: true only if the owner said so
   * @throws NotReachedException if not all nodes acknowledged; if the owner did not answer, the
   *     value is stored nowhere for sure
   * @throws ValueTooLargeException as {@link #set} does
   */
  public boolean putIfAbsent(String key, ByteView value, @Nullable Duration timeToLive)
      throws NotReachedException, OverloadedException {
    return await(putIfAbsentAsync(key, value, timeToLive));
  }

  /** As {@link #putIfAbsent}, without blocking; see {@link #removeAsync}. */
  public CompletableFuture<Boolean> putIfAbsentAsync(
      String key, ByteView value, @Nullable Duration timeToLive) {
    KeyRule.require(key);
    engine.requireRoom(key, value, timeToLive);
    counters.sets.increment();
    return cluster.get().putIfAbsent(engine, key, value, timeToLive);
  }

  /** Waits for a change, which has a limit of its own. */
  private <T> T await(CompletableFuture<T> change) throws NotReachedException, OverloadedException {
    try {
      return waiting.join(change);
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof NotReachedException notReached) {
        throw notReached;
      }
      if (failed.getCause() instanceof OverloadedException overloaded) {
        throw overloaded;
      }
      if (failed.getCause() instanceof ClosedException closed) {
        throw new IllegalStateException(closed.getMessage(), closed);
      }
      throw failed;
    }
  }

  /** Returns the largest value that the group takes, in bytes. */
  public int maxValueBytes() {
    return settings.maxValueBytes();
  }

  /** Returns the version of the values; empty if the group names none. */
  public String version() {
    return settings.version();
  }

  /** Returns the media type of the values. */
  public String contentType() {
    return settings.contentType();
  }

  /** Returns how long a load may take. */
  public Duration loadTimeout() {
    return settings.loadTimeout();
  }

  /** Returns how long a get waits if its caller names no time. */
  public Duration waitTimeout() {
    return settings.waitTimeout();
  }

  /** Returns what this group has done and what it holds. */
  public GroupStats stats() {
    return engine.stats();
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
