package geecache;

import org.jspecify.annotations.Nullable;

/**
 * What a group keeps of one key. Immutable. A value without an end is {@link Plain}, and all else
 * {@link Timed}, so that groups without times pay for none, in memory or in clock readings.
 */
abstract sealed class Entry {
  /** The value; null only in a {@link Timed} entry that says "absent". */
  final @Nullable ByteView value;

  /**
   * {@link RemovalStamps#current} when its load began, or the stamp of the {@code set} that brought
   * it.
   */
  final long stamp;

  private Entry(@Nullable ByteView value, long stamp) {
    this.value = value;
    this.stamp = stamp;
  }

  /** Whether it is served without looking at a clock. */
  final boolean isPlain() {
    return this instanceof Plain;
  }

  /**
   * Returns the same, to be served no longer than until {@code end}, and not to be renewed.
   *
   * @param begun when its load began, if it does not know itself
   */
  abstract Entry cappedAt(long begun, long end);

  /** Returns what it was, or would be, where its key is owned. */
  Entry owned() {
    return this;
  }

  /** A value that stays until it is evicted or removed. */
  static final class Plain extends Entry {
    Plain(ByteView value, long stamp) {
      super(value, stamp);
    }

    @Override
    Entry cappedAt(long begun, long end) {
      return new Demoted(this, null, begun, end);
    }
  }

  /** An entry that ages. All times are readings of the node's {@link Ticker}. */
  static sealed class Timed extends Entry permits Demoted {
    final long begun;

    /** Before it no load is begun to renew this; at most {@code expiresAt} unless a load failed. */
    final long refreshAt;

    final long expiresAt;
    final long staleUntil;
    final @Nullable String absence;

    /** Whether another node keeps it, and this is a copy of it. */
    final boolean copy;

    Timed(
        @Nullable ByteView value,
        @Nullable String absence,
        long stamp,
        long begun,
        long refreshAt,
        long expiresAt,
        long staleUntil,
        boolean copy) {
      super(value, stamp);
      this.absence = absence;
      this.begun = begun;
      this.refreshAt = refreshAt;
      this.expiresAt = expiresAt;
      this.staleUntil = staleUntil;
      this.copy = copy;
    }

    boolean isFresh(long now) {
      return now - expiresAt < 0;
    }

    /** Whether it is past its end, and the source failed so lately that it is left alone. */
    boolean isHeldOff(long now) {
      return !isFresh(now) && mayServeStale(now) && !isDueForRefresh(now);
    }

    /** Returns the same, not to be renewed before {@code time}. */
    Timed heldOffUntil(long time) {
      return new Timed(value, absence, stamp, begun, time, expiresAt, staleUntil, copy);
    }

    @Override
    Entry cappedAt(long ignored, long end) {
      long sooner = expiresAt - end < 0 ? expiresAt : end;
      return sooner == staleUntil && sooner == refreshAt
          ? this
          : new Demoted(owned(), absence, begun, sooner);
    }

    boolean isDueForRefresh(long now) {
      return now - refreshAt >= 0;
    }

    /** Whether it may stand in for a source that fails. */
    boolean mayServeStale(long now) {
      return value != null && now - staleUntil < 0;
    }
  }

  /**
   * What another node owns, or owns by now, and this one serves for a while. It keeps what it was,
   * for whoever owns the key: the value is as good there as it was here.
   */
  static final class Demoted extends Timed {
    private final Entry owned;

    Demoted(Entry owned, @Nullable String absence, long begun, long end) {
      super(owned.value, absence, owned.stamp, begun, end, end, end, false);
      this.owned = owned;
    }

    @Override
    Entry owned() {
      return owned;
    }
  }
}
