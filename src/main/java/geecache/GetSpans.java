package geecache;

import geecache.Tracing.Scope;
import geecache.Tracing.Span;
import geecache.Tracing.Step;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Tells the node's {@link Tracing} of the steps of one group. Keeps no state between them. */
final class GetSpans {
  /** What a step does, on this thread. */
  interface Body<R, E extends Exception> {
    R run() throws E;
  }

  private final String group;
  private final AtomicReference<Tracing> tracing;

  GetSpans(GroupParts group) {
    this.group = group.name();
    this.tracing = group.node().tracing();
  }

  /** Begins a step; its caller enters and ends it. */
  Span begin(Step step, int keys) {
    return tracing.get().begin(step, group, keys, null);
  }

  /** Runs a step that ends when {@code body} does. */
  <R, E extends Exception> R around(Step step, int keys, Body<R, E> body) throws E {
    Span span = begin(step, keys);
    Throwable ended = null;
    Scope scope = span.enter();
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

  /** Begins a get with {@code body}; it ends when the future does, which is returned as it is. */
  <T> CompletableFuture<T> aroundLater(Body<CompletableFuture<T>, CacheException> body)
      throws CacheException {
    Tracing told = tracing.get();
    if (told == Tracing.NONE) {
      return body.run();
    }
    Span span = told.begin(Step.GET, group, 1, null);
    Scope scope = span.enter();
    try {
      CompletableFuture<T> result = body.run();
      result.whenComplete((value, failure) -> span.end(failure));
      return result;
    } catch (Throwable failure) {
      span.end(failure);
      throw failure;
    } finally {
      scope.close();
    }
  }

  /** Begins the question of a peer for so many keys. */
  Span fetch(int keys, String peer) {
    return tracing.get().begin(Step.FETCH, group, keys, peer);
  }

  /** Answers a node that asks, as part of its trace. */
  <R> R within(LocalGroup.Asker asker, Body<R, CacheException> body) throws CacheException {
    return within(tracing.get().resume(asker.traceparent()), body);
  }

  /** Runs {@code body} in {@code scope}, and closes that. */
  static <R, E extends Exception> R within(Scope scope, Body<R, E> body) throws E {
    try {
      return body.run();
    } finally {
      scope.close();
    }
  }

  /** Returns what makes current, on another thread, what is current on this one. */
  Supplier<Scope> captured() {
    return tracing.get().captured();
  }
}
