package geecache.spring;

import geecache.Unchecked;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does all of several things, and throws at the end what the first of them failed with, the others
 * suppressed. For one thread.
 */
final class Steps {
  private static final Logger log = LoggerFactory.getLogger(Steps.class);

  private @Nullable Throwable first;

  /** Does one thing; returns whether it did not fail. */
  boolean take(Runnable step) {
    try {
      step.run();
      return true;
    } catch (RuntimeException | Error failure) {
      note(failure);
      return false;
    }
  }

  /** As {@link #take}, after a commit: what is not the cluster's failure is logged, not thrown. */
  boolean takeCommitted(Runnable step) {
    try {
      step.run();
      return true;
    } catch (Unchecked.CacheException | Error failure) {
      note(failure);
    } catch (RuntimeException failure) {
      log.warn("a cache was not changed after a commit", failure);
    }
    return false;
  }

  private void note(Throwable failure) {
    if (first == null) {
      first = failure;
    } else if (first != failure) {
      first.addSuppressed(failure);
    }
  }

  /** Throws what the first failed with, if one did. */
  void end() {
    if (first instanceof Error error) {
      throw error;
    }
    if (first instanceof RuntimeException failure) {
      throw failure;
    }
  }
}
