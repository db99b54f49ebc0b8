package geecache;

import java.util.concurrent.CompletionStage;

/**
 * Loads one key for the caller who gives it to {@link Group#getAsync(String, AsyncLoader)}; as a
 * {@link Loader}, without a thread that waits for the value. It is called on a loader thread of the
 * node, with the context that {@link Geecache#loadDecorator} hands on, when one of the {@code
 * maxLoads} places is free. The place is its own until it returns: until then it may block, and
 * then return a stage that is done.
 *
 * <p>It may get other keys. If it gets its own key before it returns, that get fails at once. A
 * stage that waits for its own key waits until the time of that get is over.
 *
 * <p>With {@link Geecache#transactionAge}, it must not read from a transaction that began before it
 * was called, except on its own thread.
 */
@FunctionalInterface
public interface AsyncLoader {
  /**
   * Returns a stage that ends with the value of {@code key}. It may fail as {@link Loader#load}
   * does, by what it throws or by what the stage ends with, which means the same: a {@link
   * KeyNotFoundException} says that the source has no such key; an interrupt, an {@link Error} and
   * a stage that was cancelled are the caller's own, and the next caller that waits loads the key.
   *
   * @return never null, and ends with a value that is not null
   * @throws Exception if there is no value
   */
  CompletionStage<Value> load(String key) throws Exception;
}
