package geecache;

import geecache.internal.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The gets of one {@link Group#getAll(java.util.Collection, BulkLoader)}. It opens them together:
 * each peer is asked for all its keys with one question. Once each key has a value or a lease, or
 * is known to be loaded by others, the loader runs for all leases with one call; only then does the
 * thread wait for others. Leases that come while it waits run as soon as they come, together with
 * those that are there by then.
 *
 * <p>Interleaving: two callers want the keys a and b. One is given the lease of a and waits for b,
 * the other that of b and waits for a. Each runs its own lease before it waits, so both end. The
 * same holds for leases that pass to both while they wait. So this never blocks on one of its gets,
 * and never reads the answer of a peer itself: that may be open until another caller has loaded.
 * Tests: {@code crossingSetsOfKeysDoNotWaitForEachOther}, {@code
 * leasesThatPassToBothWhileTheyWaitRunAtOnce}.
 *
 * <p>A lease that comes while the loader runs waits for the end of that call. So the loads wait for
 * it that wait for this key, and a circle over it fails at once. Tests: {@code
 * aLoaderThatGetsAKeyWhoseLeaseHasComeMeanwhileFailsAtOnce}, {@code
 * aLeaseThatComesToAKeyWhichTheLoaderWaitsForGoesBack}.
 *
 * <p>For one thread; others tell it what came of the gets.
 */
final class ManyLoaderGets implements AutoCloseable {
  /** How many keys it has at most: as many as one question to a node. */
  static final int MOST = 1_024;

  /** Each get ends in time; a timer that comes late is not to be taken for a failure. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final LoaderParts parts;
  private final LoaderThreads loaders;
  private final Waiting waiting;
  private final Duration wait;
  private final Map<String, LoaderGet> gets = new LinkedHashMap<>();

  /** The fetches that this made and asks for next, by their peer. */
  private final Map<Peer, List<Fetch>> unasked = new LinkedHashMap<>();

  /** The leases that wait to be run. Guarded by this, as the fields below are. */
  private List<Lease> granted = new ArrayList<>();

  private int unsettled;
  private int open;

  /** The call of the loader that is under way; null for none. */
  private @Nullable Flight running;

  /** Told when something has changed that the thread may wait for; null if it does not wait. */
  private @Nullable CompletableFuture<Void> changed;

  ManyLoaderGets(LoaderParts parts) {
    this.parts = parts;
    this.loaders = parts.group().node().loaders();
    this.waiting = parts.group().node().waiting();
    this.wait = parts.group().settings().waitTimeout();
  }

  /** Opens the gets of all these keys, which memory does not answer. */
  void open(List<String> keys) throws CacheException {
    for (String key : keys) {
      LoaderGet get = new LoaderGet(parts, key, wait, this::grant);
      gets.put(key, get);
      get.join(this::noteUnasked);
    }
    askAll();
    synchronized (this) {
      unsettled = keys.size();
      open = keys.size();
    }
    for (LoaderGet get : gets.values()) {
      get.settled.thenRun(this::settled);
      get.answer.whenComplete((value, failure) -> answered());
      get.await();
    }
  }

  private void noteUnasked(Fetch fetch, Peer peer) {
    unasked.computeIfAbsent(peer, p -> new ArrayList<>()).add(fetch);
  }

  private void askAll() {
    while (!unasked.isEmpty()) {
      Peer peer = unasked.keySet().iterator().next();
      parts.fetches().askAll(peer, unasked.remove(peer), null);
    }
  }

  /** If the running loader waits for this very lease, the get fails, and the lease goes back. */
  private void grant(Lease lease) throws LoadException {
    synchronized (this) {
      if (running != null) {
        loaders.waitGraph.enterWait(lease.load(), running);
      }
      granted.add(lease);
    }
    tell(() -> {});
  }

  private void settled() {
    tell(() -> unsettled--);
  }

  private void answered() {
    tell(() -> open--);
  }

  private void tell(Runnable change) {
    CompletableFuture<Void> told;
    synchronized (this) {
      change.run();
      told = unsettled == 0 ? changed : null;
    }
    if (told != null) {
      told.complete(null);
    }
  }

  /** Runs all leases that these gets are given, and returns once each has its answer. */
  <E extends Exception> void load(BulkLoader<E> loader) throws CacheException, E {
    await(() -> unsettled == 0);
    for (List<Lease> mine = takeGranted(); mine != null; mine = takeGranted()) {
      if (!mine.isEmpty()) {
        parts.runs().<E>runAll(mine, keys -> called(loader, keys)).forEach(this::end);
      }
      await(() -> !granted.isEmpty() || open == 0);
    }
  }

  private <E extends Exception> Map<String, Value> called(BulkLoader<E> loader, Set<String> keys)
      throws E {
    Flight run = Objects.requireNonNull(loaders.currentLoad());
    synchronized (this) {
      running = run;
      loaders.waitGraph.enterTogether(LoaderRun.loadsOf(granted), run);
    }
    try {
      return loader.loadAll(keys);
    } finally {
      synchronized (this) {
        running = null;
        loaders.waitGraph.leaveTogether(granted.stream().map(Lease::load).toList(), run);
      }
    }
  }

  /** Returns the leases to be run now; null if there are none, and will be none. */
  private synchronized @Nullable List<Lease> takeGranted() {
    if (granted.isEmpty() && open == 0) {
      return null;
    }
    List<Lease> taken = granted;
    granted = new ArrayList<>();
    return taken;
  }

  private void end(String key, LoadOutcome outcome) {
    PendingGet answer = gets.get(key).answer;
    try {
      answer.complete(parts.reads().answerOf(outcome, CachedValue.Origin.MISS, false));
    } catch (CacheException failure) {
      answer.completeExceptionally(failure);
    }
  }

  /** Waits until {@code over}, which is asked under the lock. */
  private void await(BooleanSupplier over) throws CacheException {
    Flight current = loaders.currentLoad();
    try {
      if (current != null) {
        enterWaits(current);
      }
      for (CompletableFuture<Void> next = next(over); next != null; next = next(over)) {
        waiting.get(next, wait.plus(PATIENCE).toNanos());
      }
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      throw new LoadTimeoutException("interrupted while waiting for " + this, interrupt);
    } catch (TimeoutException noTimer) {
      throw new LoadTimeoutException("gave up waiting for " + this, noTimer);
    } catch (ExecutionException impossible) {
      throw new AssertionError("a change never fails", impossible);
    } finally {
      loaders.waitGraph.leave(current);
    }
  }

  private synchronized @Nullable CompletableFuture<Void> next(BooleanSupplier over) {
    changed = over.getAsBoolean() ? null : new CompletableFuture<>();
    return changed;
  }

  /**
   * Looks for circles: {@code current} waits for the loads of many keys. Only the last one is known
   * while it waits; a circle over another one ends when the time is over.
   */
  private void enterWaits(Flight current) throws LoadException {
    for (LoaderGet get : gets.values()) {
      Flight awaited = get.awaited();
      if (awaited != null && !awaited.hasLanded()) {
        loaders.waitGraph.enterWait(current, awaited);
      }
    }
  }

  /**
   * Adds the values to {@code values}, without the keys that are absent.
   *
   * @throws CacheException the first failure
   */
  void addTo(Map<String, ByteView> values) throws CacheException {
    for (LoaderGet get : gets.values()) {
      try {
        values.put(get.key, get.answer.join().value());
      } catch (CompletionException failed) {
        if (failed.getCause() instanceof KeyNotFoundException) {
          continue; // Left out, as promised.
        }
        if (failed.getCause() instanceof CacheException known) {
          throw known;
        }
        throw failed;
      }
    }
  }

  /** Gives up the gets that have no answer. Others may have joined what it has not asked for. */
  @Override
  public void close() {
    try {
      Each.of(List.copyOf(gets.values()), LoaderGet::giveUp);
    } finally {
      unasked.values().forEach(ofPeer -> ofPeer.removeIf(parts.fetches()::dropIfUnwanted));
      unasked.values().removeIf(List::isEmpty);
      askAll();
    }
  }

  @Override
  public String toString() {
    return gets.size() + " keys of group " + parts.group().name();
  }
}
