package geecache;

import java.util.List;

/**
 * The failures that a {@link Cached} throws: unchecked, so that its methods go into lambdas and
 * streams, and with the names of the checked exceptions of a {@link Group}. A class that needs both
 * writes {@code Unchecked.LoadException} for the one.
 *
 * <p>The cause of each is the checked exception of the same name.
 */
public final class Unchecked {
  private Unchecked() {}

  /** Why a {@link Cached} could not answer, or could not change something everywhere. */
  public abstract static sealed class CacheException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CacheException(geecache.CacheException cause) {
      super(cause.getMessage(), cause);
    }

    /** Returns the checked exception of the same name. */
    @Override
    public final synchronized geecache.CacheException getCause() {
      return (geecache.CacheException) super.getCause();
    }
  }

  /** The source has no such key. */
  public static final class KeyNotFoundException extends CacheException {
    private static final long serialVersionUID = 1;

    KeyNotFoundException(geecache.KeyNotFoundException cause) {
      super(cause);
    }
  }

  /** The source failed, or its value cannot be written or read. */
  public static final class LoadException extends CacheException {
    private static final long serialVersionUID = 1;

    LoadException(geecache.LoadException cause) {
      super(cause);
    }
  }

  /** The answer did not come in time. */
  public static final class LoadTimeoutException extends CacheException {
    private static final long serialVersionUID = 1;

    LoadTimeoutException(geecache.LoadTimeoutException cause) {
      super(cause);
    }
  }

  /** There is too much to do. */
  public static final class OverloadedException extends CacheException {
    private static final long serialVersionUID = 1;

    OverloadedException(geecache.OverloadedException cause) {
      super(cause);
    }
  }

  /** The node is closed. */
  public static final class ClosedException extends CacheException {
    private static final long serialVersionUID = 1;

    ClosedException(geecache.ClosedException cause) {
      super(cause);
    }
  }

  /** A change did not reach every node, or a node refused it. */
  public static final class NotReachedException extends CacheException {
    private static final long serialVersionUID = 1;

    NotReachedException(geecache.NotReachedException cause) {
      super(cause);
    }

    /** Returns the base URLs of the nodes that did not do their part; unmodifiable. */
    public List<String> nodes() {
      return ((geecache.NotReachedException) getCause()).nodes();
    }
  }

  /** Returns the unchecked exception of the same name. */
  public static CacheException of(geecache.CacheException failure) {
    if (failure instanceof geecache.KeyNotFoundException absent) {
      return new KeyNotFoundException(absent);
    }
    if (failure instanceof geecache.LoadException failed) {
      return new LoadException(failed);
    }
    if (failure instanceof geecache.LoadTimeoutException late) {
      return new LoadTimeoutException(late);
    }
    if (failure instanceof geecache.OverloadedException overloaded) {
      return new OverloadedException(overloaded);
    }
    if (failure instanceof geecache.ClosedException closed) {
      return new ClosedException(closed);
    }
    return new NotReachedException((geecache.NotReachedException) failure);
  }
}
