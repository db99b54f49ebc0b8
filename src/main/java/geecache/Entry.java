package geecache;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A value of one key in memory. Immutable. A value without an end is {@link Plain}, or {@link
 * MarkedPlain} if it was set or is kept decoded; all others are {@link Timed}. So a group without
 * times spends no memory on them, and reads no clock.
 */
abstract sealed class Entry {
  /** The value; null only in a {@link Timed} entry that says "absent". */
  final @Nullable ByteView value;

  /**
   * {@link Fences#current} when the load of the value began, or the fence that the {@code set}
   * raised which stored it.
   */
  final long fence;

  private Entry(@Nullable ByteView value, long fence) {
    this.value = value;
    this.fence = fence;
  }

  /** Returns a value that stays until it is evicted or removed. */
  static Entry plain(ByteView value, long fence, @Nullable Marks marks) {
    return marks == null ? new Plain(value, fence) : new MarkedPlain(value, fence, marks);
  }

  /**
   * Whether this is served without looking at a clock. Both classes are final, so that each costs
   * one comparison, and a value that was loaded costs only the first.
   */
  final boolean isPlain() {
    return this instanceof Plain || this instanceof MarkedPlain;
  }

  /**
   * Whether one look shows that this is fresh, not due to be renewed, and no copy: so it is with
   * most hits on entries that age.
   */
  final boolean isPlainlyFresh(long now) {
    return getClass() == Timed.class && now - ((Timed) this).refreshAt < 0;
  }

  /** Returns what only some entries bear; null if this bears none of it. */
  abstract @Nullable Marks marks();

  /** Returns the stamp of the {@code set} that stored the value; null if it was loaded. */
  final @Nullable Stamp change() {
    Marks marks = marks();
    return marks == null ? null : marks.change();
  }

  /** Returns what a codec made of the value; null if that is not kept. */
  final @Nullable Decoded decoded() {
    Marks marks = marks();
    return marks == null ? null : marks.decoded();
  }

  /** Returns this entry with other marks. */
  abstract Entry marked(Marks marks);

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

  /** A value that stays until it is evicted or removed, and was loaded. */
  static final class Plain extends Entry {
    Plain(ByteView value, long fence) {
      super(value, fence);
    }

    @Override
    @Nullable Marks marks() {
      return null;
    }

    @Override
    Entry marked(Marks marks) {
      return new MarkedPlain(Objects.requireNonNull(value), fence, marks);
    }

    @Override
    Entry cappedAt(long begun, long end) {
      return new Demoted(this, begun, end);
    }
  }

  /** A value that stays until it is evicted or removed, with its marks. */
  static final class MarkedPlain extends Entry {
    private final Marks marks;

    MarkedPlain(ByteView value, long fence, Marks marks) {
      super(value, fence);
      this.marks = marks;
    }

    @Override
    Marks marks() {
      return marks;
    }

    @Override
    Entry marked(Marks others) {
      return new MarkedPlain(Objects.requireNonNull(value), fence, others);
    }

    @Override
    Entry cappedAt(long begun, long end) {
      return new Demoted(this, begun, end);
    }
  }

  /** An entry that ages. All times are readings of the node's {@link Ticker}. */
  static sealed class Timed extends Entry permits Copy, Demoted, HeldOff {
    /**
     * Until this time no load renews the value. At most {@code expiresAt}, unless this is {@link
     * HeldOff} or a {@link Copy}. The first of the times, since most hits read no other: JVMs lay
     * them out in this order, and it shares a line of the processor's cache with the value.
     */
    final long refreshAt;

    final long expiresAt;
    final long staleUntil;
    final long begun;
    private final @Nullable Marks marks;

    Timed(
        @Nullable ByteView value,
        long fence,
        long begun,
        long refreshAt,
        long expiresAt,
        long staleUntil,
        @Nullable Marks marks) {
      super(value, fence);
      this.marks = marks;
      this.refreshAt = refreshAt;
      this.expiresAt = expiresAt;
      this.staleUntil = staleUntil;
      this.begun = begun;
    }

    @Override
    @Nullable Marks marks() {
      return marks;
    }

    @Override
    Entry marked(Marks others) {
      return new Timed(value, fence, begun, refreshAt, expiresAt, staleUntil, others);
    }

    boolean isFresh(long now) {
      return now - expiresAt < 0;
    }

    /** Whether this is past its end, and the source failed so lately that it is left alone. */
    boolean isHeldOff(long now) {
      return !isFresh(now) && mayServeStale(now) && !isDueForRefresh(now);
    }

    /** Whether this answers a get without a load: it is fresh, or held off. */
    boolean mayAnswer(long now) {
      return isFresh(now) || isHeldOff(now);
    }

    /** Whether this answers no get any more, not even if the source fails. */
    boolean isOver(long now) {
      return now - staleUntil >= 0;
    }

    /** Whether the value has no end, so that {@link #expiresAt} is only that of this entry. */
    boolean isEndless() {
      return false;
    }

    /** Returns the end of the value, even if this entry has an earlier one. */
    long endOfValue() {
      return expiresAt;
    }

    /** Returns this entry without renewal before {@code time}. */
    Timed heldOffUntil(long time) {
      return new HeldOff(value, fence, begun, time, expiresAt, staleUntil, marks);
    }

    @Override
    Entry cappedAt(long ignored, long end) {
      long sooner = expiresAt - end < 0 ? expiresAt : end;
      return sooner == staleUntil && sooner == refreshAt
          ? this
          : new Demoted(owned(), begun, sooner);
    }

    boolean isDueForRefresh(long now) {
      return now - refreshAt >= 0;
    }

    /** Whether this may be served when the source fails. */
    boolean mayServeStale(long now) {
      return value != null && now - staleUntil < 0;
    }
  }

  /** An entry whose source failed lately, and which may be past its end before it is renewed. */
  static final class HeldOff extends Timed {
    HeldOff(
        @Nullable ByteView value,
        long fence,
        long begun,
        long refreshAt,
        long expiresAt,
        long staleUntil,
        @Nullable Marks marks) {
      super(value, fence, begun, refreshAt, expiresAt, staleUntil, marks);
    }

    @Override
    Entry marked(Marks others) {
      return new HeldOff(value, fence, begun, refreshAt, expiresAt, staleUntil, others);
    }
  }

  /** A copy of a value that another node keeps. It is not renewed, and not served past its end. */
  static final class Copy extends Timed {
    /** More hits are not told apart: what is hit all the time is not written all the time. */
    private static final int MOST_HITS = 1_000;

    private final boolean endless;

    /** Written plainly by each thread that hits; a race loses a hit. Short: it takes no heap. */
    private short hits;

    /**
     * Makes a copy.
     *
     * @param end that of this copy
     * @param endOfValue at least {@code end}
     * @param endless whether the value has no end
     */
    Copy(
        ByteView value,
        long fence,
        long begun,
        long end,
        long endOfValue,
        boolean endless,
        @Nullable Marks marks) {
      super(value, fence, begun, endOfValue, end, end, marks);
      this.endless = endless;
    }

    @Override
    Entry marked(Marks marks) {
      Copy marked =
          new Copy(
              Objects.requireNonNull(value), fence, begun, expiresAt, refreshAt, endless, marks);
      marked.hits = hits;
      return marked;
    }

    void countHit() {
      short counted = hits;
      if (counted < MOST_HITS) {
        hits = (short) (counted + 1);
      }
    }

    /** Returns how often this answered a get since it was last asked. */
    int takeHits() {
      int taken = hits;
      hits = 0;
      return taken;
    }

    @Override
    boolean isEndless() {
      return endless;
    }

    @Override
    long endOfValue() {
      return refreshAt; // No copy is renewed, so the field is free for this.
    }
  }

  /**
   * An entry of a key that another node owns (by now), and that this node serves for a while. It
   * keeps the former entry for the owner of the key, where the value is as good as it was here.
   */
  static final class Demoted extends Timed {
    private final Entry owned;

    Demoted(Entry owned, long begun, long end) {
      super(owned.value, owned.fence, begun, end, end, end, owned.marks());
      this.owned = owned;
    }

    @Override
    Entry marked(Marks marks) {
      return new Demoted(owned.marked(marks), begun, expiresAt);
    }

    @Override
    boolean isEndless() {
      return owned.isPlain();
    }

    @Override
    long endOfValue() {
      return owned instanceof Timed timed ? timed.expiresAt : expiresAt;
    }

    @Override
    Entry owned() {
      return owned;
    }
  }
}
