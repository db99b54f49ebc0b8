package geecache;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The rules of time of one group: when a value ends, and for what an entry is good now. All times
 * are readings of the ticker, in nanoseconds.
 */
final class Expiry {
  private final GroupSettings settings;
  private final Ticker ticker;
  private final RandomGenerator random;

  Expiry(GroupSettings settings, NodeParts node) {
    this.settings = settings;
    this.ticker = node.ticker();
    this.random = node.random();
  }

  long now() {
    return ticker.nanos();
  }

  boolean isFresh(Entry entry) {
    return entry.isPlain() || ((Entry.Timed) entry).isFresh(ticker.nanos());
  }

  /** Whether {@code entry} answers a get without a load: it is fresh, or held off. */
  boolean mayAnswer(Entry entry) {
    if (entry.isPlain()) {
      return true;
    }
    return ((Entry.Timed) entry).mayAnswer(ticker.nanos());
  }

  boolean isDueForRefresh(Entry entry) {
    return !entry.isPlain() && ((Entry.Timed) entry).isDueForRefresh(ticker.nanos());
  }

  boolean mayServeStale(Entry entry) {
    return entry.isPlain() || ((Entry.Timed) entry).mayServeStale(ticker.nanos());
  }

  /**
   * Makes an entry of a value from a getter or from {@code set}.
   *
   * @param marks those of a {@code set}; null for a getter
   */
  Entry of(Value value, long fence, long begun, @Nullable Marks marks) {
    if (value.timeToLive() == null && settings.timeToLive() == 0) {
      return Entry.plain(value.bytes(), fence, marks);
    }
    long life = value.timeToLive() == null ? settings.timeToLive() : nanos(value.timeToLive());
    return timed(value.bytes(), fence, begun, jittered(life), marks);
  }

  /** Makes an entry of a value that the former owner of the key gave, with the rest of its life. */
  Entry of(PeerValue given, long fence) {
    Marks marks = Marks.given(given.change());
    if (given.age() == null || given.timeToLive() == null) {
      return Entry.plain(given.value(), fence, marks);
    }
    long age = nanos(given.age());
    long life = age + nanos(given.timeToLive());
    return timed(given.value(), fence, ticker.nanos() - age, life, marks);
  }

  /**
   * Makes an entry that says "absent", for the time that the group has for that, and at most {@code
   * most}.
   */
  Entry absence(String message, long fence, long begun, long most) {
    long end = begun + Math.min(jittered(settings.absentTimeToLive()), most);
    return new Entry.Timed(null, fence, begun, end, end, end, Marks.absent(message));
  }

  /**
   * Makes a copy of a value that its owner keeps, with the rest of its life, and at most {@code
   * most}.
   */
  Entry copy(PeerValue fetched, long fence, long now, long most) {
    long begun = fetched.age() == null ? now : now - nanos(fetched.age());
    long life = fetched.timeToLive() == null ? most : nanos(fetched.timeToLive());
    long end = now + Math.min(life, most);
    Marks marks = Marks.given(fetched.change());
    return new Entry.Copy(fetched.value(), fence, begun, end, now + life, fetched.endless(), marks);
  }

  private Entry timed(ByteView value, long fence, long begun, long life, @Nullable Marks marks) {
    long end = begun + life;
    return new Entry.Timed(
        value, fence, begun, end - refreshAhead(life), end, end + settings.staleIfError(), marks);
  }

  /**
   * Returns how long before its end a value is renewed: at half of a life that is not longer than
   * the time of the group.
   */
  private long refreshAhead(long life) {
    return settings.refreshAhead() < life ? settings.refreshAhead() : life / 2;
  }

  private long jittered(long life) {
    return settings.jitter() == 0
        ? life
        : life - (long) (life * settings.jitter() * random.nextDouble());
  }

  /** A source may name any time. A century is as good as a longer one, and sums do not overflow. */
  private static long nanos(Duration time) {
    return Math.min(TimeUnit.NANOSECONDS.convert(time), TimeUnit.DAYS.toNanos(36_500));
  }
}
