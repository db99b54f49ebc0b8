package geecache.spring;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.interceptor.CacheOperationInvoker.ThrowableWrapper;

/**
 * The call of one caller's loader. Spring wraps what methods throw: a lease has to see the
 * exception itself, and Spring its wrapper. For one thread.
 */
final class LoaderCall {
  /**
   * Whether this thread loads past a failed load, which it does not do twice: keys may be in a
   * circle.
   */
  private static final ThreadLocal<Boolean> past = new ThreadLocal<>();

  private final Callable<?> loader;
  private boolean called;
  private @Nullable ThrowableWrapper wrapper;

  LoaderCall(Callable<?> loader) {
    this.loader = loader;
  }

  @Nullable Object call() throws Exception {
    called = true;
    try {
      return loader.call();
    } catch (ThrowableWrapper wrapped) {
      wrapper = wrapped;
      if (wrapped.getOriginal() instanceof Error error) {
        throw error;
      }
      throw wrapped.getOriginal() instanceof Exception failure ? failure : wrapped;
    }
  }

  /**
   * Loads for this caller alone after the load of another one failed with {@code ofAnother}, so
   * that it gets an exception of its own.
   */
  @Nullable Object callPast(RuntimeException ofAnother) throws Exception {
    if (called || past.get() != null) {
      throw ofAnother;
    }
    past.set(true);
    try {
      return call();
    } finally {
      past.remove();
    }
  }

  /** Returns what Spring is to see of {@code failure}. */
  Throwable ofSpring(Throwable failure) {
    return wrapper != null && wrapper.getOriginal() == failure ? wrapper : failure;
  }
}
