package geecache;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Gets that no thread waits for, and whose callers can load their keys; see {@link AsyncLoad}. */
final class AsyncLoads implements AsyncLoad.Waiting {
  private final LoaderParts parts;
  private final LoaderReads blocking;
  private final LoaderThreads loaders;
  private final GetSpans spans;

  /** The loads that have no place yet: if the node is closed, nobody else ends them. */
  private final Set<AsyncLoad> waiting = ConcurrentHashMap.newKeySet();

  /**
   * Gets nothing yet.
   *
   * @param blocking answers the gets of loader threads
   */
  AsyncLoads(LoaderParts parts, LoaderReads blocking) {
    this.parts = parts;
    this.blocking = blocking;
    this.loaders = parts.group().node().loaders();
    this.spans = new GetSpans(parts.group());
  }

  /** Gets {@code key}. Blocks on a loader thread alone. */
  CompletableFuture<CachedValue> answer(String key, AsyncLoader loader) {
    Entry entry = parts.group().store().find(key);
    if (parts.reads().isHit(key, entry)) {
      return here(() -> parts.reads().answerOf(LoadOutcome.loaded(entry, false)));
    }
    KeyRule.require(key);
    return loaders.currentFlight() != null
        ? here(() -> blocking.answer(key, wanted -> joined(loader.load(wanted))))
        : later(key, loader, get -> get.join(parts.fetches()::askAlone));
  }

  /** As {@link LoaderReads#getAnew}. Blocks on a loader thread alone. */
  CompletableFuture<CachedValue> answerAnew(String key, ByteView value, AsyncLoader loader) {
    if (loaders.currentFlight() != null) {
      return here(() -> blocking.getAnew(key, value, wanted -> joined(loader.load(wanted))));
    }
    parts.group().store().forget(key, value);
    return later(key, loader, LoaderGet::joinFromSource);
  }

  /** A get on this thread. */
  private interface Answering {
    CachedValue get() throws Exception;
  }

  private static CompletableFuture<CachedValue> here(Answering get) {
    try {
      return CompletableFuture.completedFuture(get.get());
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      return CompletableFuture.failedFuture(interrupt);
    } catch (Throwable failure) { // As if its stage had ended so.
      return CompletableFuture.failedFuture(failure);
    }
  }

  /** Waits for a stage on a loader thread, whose place another load has meanwhile. */
  private @Nullable Value joined(@Nullable CompletionStage<Value> stage) throws Exception {
    if (stage == null) {
      return null;
    }
    Flight current = loaders.currentFlight();
    LoadPlace place = current == null ? null : current.place;
    CompletableFuture<Value> future = stage.toCompletableFuture();
    boolean paused = place != null && !future.isDone() && place.pause();
    try {
      long most = parts.group().settings().loadTimeout().toNanos();
      return parts.group().node().waiting().get(future, most);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof Error error) {
        throw error; // Says nothing of the key: the lease passes on.
      }
      throw failed.getCause() instanceof Exception known ? known : failed;
    } catch (TimeoutException late) {
      throw new LoadTimeoutException(
          "the stage of a loader has not ended within "
              + parts.group().settings().loadTimeout().toMillis()
              + " ms, in group "
              + parts.group().name(),
          late);
    } finally {
      if (paused) {
        place.resume();
      }
    }
  }

  /** Takes the seat of a get. */
  private interface Joining {
    void join(LoaderGet get) throws OverloadedException;
  }

  private CompletableFuture<CachedValue> later(String key, AsyncLoader loader, Joining joining) {
    try {
      return spans.aroundLater(
          () -> {
            LoaderGet get = new AsyncLoad(parts, key, loader, this).get();
            boolean waits = false;
            try {
              joining.join(get);
              get.await();
              waits = true;
            } finally {
              if (!waits) {
                get.giveUp();
              }
            }
            return get.answer;
          });
    } catch (CacheException failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  @Override
  public void add(AsyncLoad load) {
    waiting.add(load);
  }

  @Override
  public void remove(AsyncLoad load) {
    waiting.remove(load);
  }

  /** Fails the loads that wait for a place. Those that were begun go on, for their own callers. */
  void close() {
    waiting.forEach(AsyncLoad::close);
  }
}
