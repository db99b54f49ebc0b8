package geecache;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a typed get that no thread waits for. If its caller ends it, the get that it
 * follows ends too.
 *
 * @param <V> the type of the value
 */
final class TypedAnswer<V> extends CompletableFuture<V> {
  /** Written by the thread that goes on with the get; a late reader sees this done, and cancels. */
  private volatile @Nullable CompletableFuture<?> followed;

  TypedAnswer() {
    whenComplete((value, failure) -> endFollowed());
  }

  private void endFollowed() {
    CompletableFuture<?> get = followed;
    if (get != null) {
      get.cancel(false); // Unless it has ended, and this with it.
    }
  }

  /** Goes on with {@code next} when {@code get} has its value; fails if either does. */
  <T> void follow(CompletableFuture<T> get, Consumer<T> next) {
    followed = get;
    get.whenComplete((value, failure) -> go(value, failure, next));
    if (isDone()) {
      get.cancel(false);
    }
  }

  private <T> void go(@Nullable T value, @Nullable Throwable failure, Consumer<T> next) {
    try {
      if (value != null) {
        next.accept(value);
      } else if (failure != null) {
        completeExceptionally(uncheckedOf(failure));
      }
    } catch (RuntimeException | Error fault) {
      completeExceptionally(fault);
    }
  }

  /** Returns what a future fails with that wraps {@code failure}, as one of {@link Unchecked}. */
  static Throwable uncheckedOf(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof CacheException known ? Unchecked.of(known) : cause;
  }
}
