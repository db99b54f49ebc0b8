package geecache;

import geecache.CachedValue.Origin;
import geecache.Lease.Loaded;
import geecache.LoaderRun.Begun;
import geecache.Tracing.Span;
import geecache.Tracing.Step;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The load of a get that no thread waits for, once it has the lease of its key: the call of an
 * {@link AsyncLoader} on a loader thread, in a place of the group and with the context of the get;
 * then the stage that this returns. Meanwhile the get counts as one that waits.
 *
 * <p>Interleaving: the load waits for a place, and the node is closed, or there is no place in
 * time. The thread that sets {@code begun} calls the loader, or answers the get. Tests: {@code
 * aLoadThatHasNoPlaceIsRefusedAndTheLeasePassesOn}, {@code
 * aClosedNodeFailsALoadThatWaitsForAPlaceAndAHolderHasItsValue}.
 */
final class AsyncLoad implements LoaderGet.Holder {
  /** Those of a group that have no place yet. */
  interface Waiting {
    void add(AsyncLoad load);

    void remove(AsyncLoad load);
  }

  private final LoaderParts parts;
  private final GroupParts group;
  private final AsyncLoader loader;
  private final Waiting waiting;
  private final LoaderGet get;

  /** What {@link LoadLimiter} gives a place. No get joins it. */
  private final Flight call;

  private final AtomicBoolean begun = new AtomicBoolean();

  /** Whether the get does not wait any more: the thread that sets it gives its place back. */
  private final AtomicBoolean left = new AtomicBoolean();

  /** Whether {@code begun} was set because there is no place. {@link #close} may miss it. */
  private volatile boolean refused;

  /** Written before this waits for a place. */
  private @Nullable Lease lease;

  /**
   * Captures the context of this thread.
   *
   * @param waiting is told until this has a place
   */
  AsyncLoad(LoaderParts parts, String key, AsyncLoader loader, Waiting waiting) {
    this.parts = parts;
    this.group = parts.group();
    this.loader = loader;
    this.waiting = waiting;
    this.get = new LoaderGet(parts, key, group.settings().waitTimeout(), this);
    this.call = new Flight(group.name(), key, 0, true, false);
    call.alone = true;
    call.decorated = decorated();
  }

  private Runnable decorated() {
    Runnable run = this::run;
    try {
      Runnable decorated = group.node().loaders().decorated(run, group.node().tracing().get());
      return decorated == null ? run : decorated;
    } catch (RuntimeException broken) { // The failure of this load, if it is made at all.
      return () -> {
        throw broken;
      };
    }
  }

  LoaderGet get() {
    return get;
  }

  /** Has the loader be called as soon as there is a place. */
  @Override
  public void hold(Lease given) {
    group.waiterLimit().enterAgain();
    lease = given;
    waiting.add(this);
    get.answer.whenComplete((value, failure) -> leave());
    call.tell(this::refuse);
    parts.flights().runInPlace(call);
    if (get.answer.isDone()) { // Its caller may have given up before it waited for a place.
      parts.flights().dropCall(call);
    }
  }

  /** Before the answer is given, so that whoever has it finds that the get does not wait. */
  private void leave() {
    if (left.compareAndSet(false, true)) {
      group.waiterLimit().leave(false);
      waiting.remove(this);
      parts.flights().dropCall(call);
    }
  }

  private void answerBy(CachedValue value) {
    leave();
    get.answer.complete(value);
  }

  private void answerBy(Throwable failure) {
    leave();
    get.answer.completeExceptionally(failure);
  }

  /**
   * Ends this if it was not begun: there is no place, or no thread. On the timer's thread, since
   * the next caller that is given the lease may have no place either, and so on.
   */
  private void refuse(LoadOutcome outcome) {
    if (!begun.compareAndSet(false, true) || get.answer.isDone()) {
      return;
    }
    refused = true;
    if (outcome.failure() instanceof OverloadedException) {
      group.counters().loadFailures.increment();
    }
    try {
      group.node().loaders().after(Duration.ZERO, () -> answer(outcome));
    } catch (RejectedExecutionException | OutOfMemoryError noTimer) {
      answer(outcome);
    }
  }

  /** Fails this if it was not begun: the node is closed, and its threads and its timer end. */
  void close() {
    if (begun.compareAndSet(false, true) || refused) {
      answerBy(new ClosedException());
    }
  }

  private void answer(LoadOutcome outcome) {
    try {
      Origin origin = outcome.stale() ? Origin.STALE : Origin.MISS;
      answerBy(parts.reads().answerOf(outcome, origin, false));
    } catch (CacheException | RuntimeException | Error failure) {
      answerBy(failure);
    }
  }

  /** Calls the loader on this thread. Whatever it does, the get is answered, and nothing thrown. */
  private void run() {
    call.runs++;
    waiting.remove(this);
    if (!begun.compareAndSet(false, true) || get.answer.isDone()) {
      return;
    }
    LoaderThreads loaders = group.node().loaders();
    Future<?> limit = null;
    call.enter();
    loaders.setCurrentFlight(call); // What the loader gets is got on this thread, in this place.
    try {
      limit = limit();
      begin(Objects.requireNonNull(lease));
    } catch (Throwable failure) {
      answerBy(failure);
    } finally {
      loaders.setCurrentFlight(null);
      if (limit != null) {
        limit.cancel(false);
      }
      call.leave();
    }
  }

  private Future<?> limit() throws ClosedException {
    try {
      return group.node().loaders().after(group.settings().loadTimeout(), call::interrupt);
    } catch (RejectedExecutionException closed) {
      throw new ClosedException();
    }
  }

  /** A call of the loader that has returned. */
  private record Called(
      CompletionStage<Value> stage, Lease lease, Begun begun, long snapshot, Span span) {}

  private void begin(Lease held) throws Exception {
    Called called = parts.runs().<Called, Exception>under(List.of(held), () -> call(held));
    boolean follows = false;
    try {
      called.stage().whenComplete((value, failure) -> end(called, value, failure));
      follows = true;
    } finally {
      if (!follows) {
        called.span().end(null);
      }
    }
  }

  private Called call(Lease held) throws Exception {
    Begun since = parts.runs().begin();
    Span span = new GetSpans(group).begin(Step.LOAD, 1);
    Tracing.Scope scope = span.enter();
    try {
      CompletionStage<Value> stage = loader.load(held.key());
      if (stage == null) {
        throw parts.runs().refused("the loader returned null", List.of(held), since);
      }
      return new Called(stage, held, since, parts.runs().snapshot(held, since), span);
    } catch (Throwable failure) {
      parts.runs().fail(held, failure, since, parts.runs().snapshot(held, since));
      parts.runs().countTime(since, 1);
      span.end(failure);
      throw failure;
    } finally {
      scope.close();
    }
  }

  /** Runs on the thread on which the stage has ended. */
  private void end(Called called, @Nullable Value value, @Nullable Throwable thrown) {
    try {
      parts.runs().countTime(called.begun(), 1);
      if (thrown == null && value != null) {
        called.span().end(null);
        land(called, value);
      } else {
        fail(called, thrown instanceof CompletionException ? thrown.getCause() : thrown);
      }
    } catch (Throwable fault) { // A stage would swallow it.
      answerBy(fault);
    }
  }

  private void land(Called called, Value value) {
    Loaded loaded =
        new Loaded(value, called.begun().at(), group.node().ticker().nanos(), called.snapshot());
    called.lease().land(loaded).thenAccept(this::answer);
  }

  private void fail(Called called, @Nullable Throwable thrown) {
    Throwable failure =
        thrown != null
            ? thrown
            : parts
                .runs()
                .refused("the loader returned null", List.of(called.lease()), called.begun());
    called.span().end(failure);
    parts.runs().fail(called.lease(), failure, called.begun(), called.snapshot());
    answerBy(failure);
  }
}
