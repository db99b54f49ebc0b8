package geecache;

import org.jspecify.annotations.Nullable;

/**
 * A value of one key in memory. Immutable. A value without an end is {@link Plain}, all others are
 * {@link Timed}: a group without times spends no memory on them, and reads no clock.
 */
abstract sealed class Entry {
  /** The value; null only in a {@link Timed} entry that says "absent". */
  final @Nullable ByteView value;

  /**
   * {@link RemovalStamps#current} when the load of the value began, or the stamp of the {@code set}
   * that stored it.
   */
  final long stamp;

  private Entry(@Nullable ByteView value, long stamp) {
    this.value = value;
    this.stamp = stamp;
  }

  /** Whether this is served without looking at a clock. */
  final boolean isPlain() {
    return this instanceof Plain;
  }

  /**
   * Returns this entry with an end of {@code end} at the latest, and without renewal.
   *
   * @param begun when the load of the value began; used if this does not know it
   */
  abstract Entry cappedAt(long begun, long end);

  /** Returns this entry as the owner of its key has it. */
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

    /**
     * Until this time no load renews the value. At most {@code expiresAt}, unless a load failed.
     */
    final long refreshAt;

    final long expiresAt;
    final long staleUntil;
    final @Nullable String absence;

    /** Whether this is a copy of a value that another node keeps. */
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

    /** Whether this is past its end, and the source failed so lately that it is left alone. */
    boolean isHeldOff(long now) {
      return !isFresh(now) && mayServeStale(now) && !isDueForRefresh(now);
    }

    /** Returns this entry without renewal before {@code time}. */
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

    /** Whether this may be served when the source fails. */
    boolean mayServeStale(long now) {
      return value != null && now - staleUntil < 0;
    }
  }

  /**
   * An entry of a key that another node owns (by now), and that this node serves for a while. It
   * keeps the former entry for the owner of the key, where the value is as good as it was here.
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
