package geecache.http;

import geecache.CachedValue;
import geecache.Stamp;
import geecache.cluster.Removal;
import geecache.cluster.Sender;
import geecache.cluster.VersionVector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The headers that only nodes send.
 *
 * <p>{@link #SENDER} says which node sent a request. The answer repeats the number of the request.
 * So a late answer on a connection is never taken for the answer to another key.
 */
final class PeerHeaders {
  /** The id of the sending node in 16 hexadecimal digits, a dot, and the number of the request. */
  static final String SENDER = "Geecache-Peer";

  /** The fingerprint of the sender's view, in hexadecimal. */
  static final String VIEW = "Geecache-View";

  /** How long the asking node waits for one key, in milliseconds; then the answer is "pending". */
  static final String WAIT = "Geecache-Wait";

  /** {@code true} with an answer that says "pending", if the load waits for a place. */
  static final String QUEUED = "Geecache-Queued";

  /** How long the callers of the asking node still wait, in milliseconds. */
  static final String LEFT = "Geecache-Left";

  /** How many callers of the asking node wait; one if it is absent. */
  static final String CALLERS = "Geecache-Callers";

  /**
   * With a question, {@code true}: a caller of the asking node can load the key. With the answer
   * "leased", the number of the lease under which that is to be done.
   */
  static final String LEASE = "Geecache-Lease";

  /** How often a copy of the value answered callers of the asking node since it last asked. */
  static final String COPY_HITS = "Geecache-Hits";

  /**
   * With a value, how often callers of other nodes asked for it in a minute; absent if they did
   * rarely.
   */
  static final String RATE = "Geecache-Rate";

  /**
   * The removals that a node must know before it answers a {@code GET}: their ids in the form of
   * {@link #SENDER}, separated by commas. An asterisk follows the id if a whole group was removed.
   */
  static final String REMOVED = "Geecache-Removed";

  /**
   * The times of the stamps of {@link #REMOVED}, in the same order, separated by commas. An {@code
   * s} follows the time of a removal that makes way for a set. Version 1 knows none.
   */
  static final String REMOVED_TIMES = "Geecache-Removed-Times";

  /**
   * The stamp of the set that stored the value: its node and time in the form of {@link #SENDER}.
   */
  static final String STAMP = "Geecache-Stamp";

  /**
   * The changes that the answering node knew before it read a value from memory: for each origin
   * its id and the number up to which all are known, in the form of {@link #SENDER}, separated by
   * commas. {@link #NOTHING} if there are none.
   */
  static final String KNOWN = "Geecache-Known";

  /** The changes that a node must know to answer a {@code GET}, in the form of {@link #KNOWN}. */
  static final String REQUIRED = "Geecache-Required";

  /** A {@link #KNOWN} without origins. Some servers send no header without a value. */
  private static final String NOTHING = "none";

  /**
   * The most origins in {@link #KNOWN} and {@link #REQUIRED}. More would make the head too long for
   * some servers.
   */
  static final int MOST_KNOWN = 100;

  /** The age and the remaining time of a value, as {@link Life} writes them. */
  static final String LIFE = "Geecache-Life";

  /**
   * {@code true} with the {@link #LIFE} of a value that has no end itself: it is the time for which
   * the answering node, which does not own the key, serves the value.
   */
  static final String ENDLESS = "Geecache-Endless";

  private static final int HEX_LONG = 16;

  private PeerHeaders() {}

  /** Returns {@link #LEFT} as a time; a number without a sign that is too large is a long time. */
  static Duration left(long millis) {
    return Duration.ofMillis(millis < 0 ? Long.MAX_VALUE : millis);
  }

  /** Returns a number without a sign; one that is too large is the largest. */
  static int count(long number) {
    return number < 0 || number > Integer.MAX_VALUE ? Integer.MAX_VALUE : (int) number;
  }

  /** Returns a number without a sign, parsed, as {@link #count}; null if it is malformed. */
  static @Nullable Integer parseCount(String header) {
    try {
      return count(Long.parseUnsignedLong(header));
    } catch (NumberFormatException malformed) {
      return null;
    }
  }

  /** Returns the number of a lease, parsed; null if it is malformed. */
  static @Nullable Long parseLease(String header) {
    try {
      return Long.parseLong(header);
    } catch (NumberFormatException malformed) {
      return null;
    }
  }

  /** Returns {@link #SENDER} as it is on the wire. */
  static String of(Sender sender) {
    return idAndNumber(sender.node(), sender.number());
  }

  /** Returns the value of {@link #SENDER}, parsed; null if it is malformed. */
  static @Nullable Sender parseSender(String header) {
    if (header.length() < HEX_LONG + 2 || header.charAt(HEX_LONG) != '.') {
      return null;
    }
    try {
      return new Sender(
          HexFormat.fromHexDigitsToLong(header, 0, HEX_LONG),
          Long.parseLong(header.substring(HEX_LONG + 1)));
    } catch (NumberFormatException malformed) {
      return null;
    }
  }

  /** Returns {@link #REMOVED} as it is on the wire. */
  static String of(List<Removal.Named> removals) {
    StringBuilder header = new StringBuilder();
    for (Removal.Named removal : removals) {
      header
          .append(header.isEmpty() ? "" : ",")
          .append(idAndNumber(removal.id().origin(), removal.id().number()))
          .append(removal.everything() ? "*" : "");
    }
    return header.toString();
  }

  /** Returns {@link #REMOVED_TIMES} as it is on the wire. */
  static String timesOf(List<Removal.Named> removals) {
    return removals.stream()
        .map(removal -> removal.time() + (removal.ofSet() ? "s" : ""))
        .collect(Collectors.joining(","));
  }

  /**
   * Returns the value of {@link #REMOVED}, parsed; null if it is malformed, or names more than
   * {@link Removal#MOST_NAMED}.
   *
   * @param times the value of {@link #REMOVED_TIMES}; null if there is none
   */
  static @Nullable List<Removal.Named> parseRemoved(String header, @Nullable String times) {
    String[] items = header.split(",", -1);
    String[] timeOf = times == null ? new String[items.length] : times.split(",", -1);
    if (timeOf.length != items.length || items.length > Removal.MOST_NAMED) {
      return null;
    }
    List<Removal.Named> removals = new ArrayList<>();
    for (int i = 0; i < items.length; i++) {
      Removal.Named removal = parseRemovedItem(items[i], timeOf[i]);
      if (removal == null) {
        return null;
      }
      removals.add(removal);
    }
    return removals;
  }

  private static Removal.@Nullable Named parseRemovedItem(String item, @Nullable String time) {
    boolean everything = item.endsWith("*");
    Sender id = parseSender(everything ? item.substring(0, item.length() - 1) : item);
    if (id == null) {
      return null;
    }
    boolean ofSet = time != null && time.endsWith("s");
    try {
      return new Removal.Named(
          new Removal.Id(id.node(), id.number()),
          time == null ? 0 : Long.parseLong(ofSet ? time.substring(0, time.length() - 1) : time),
          everything,
          ofSet);
    } catch (NumberFormatException malformed) {
      return null;
    }
  }

  /** Returns {@link #STAMP} as it is on the wire. */
  static String of(Stamp stamp) {
    return idAndNumber(stamp.node(), stamp.time());
  }

  /** Returns the value of {@link #STAMP}, parsed; null if it is malformed. */
  static @Nullable Stamp parseStamp(String header) {
    Sender parsed = parseSender(header);
    return parsed == null ? null : new Stamp(parsed.number(), parsed.node());
  }

  /**
   * Returns {@link #KNOWN} as it is on the wire. Some origins may be left out: a node that says
   * less than it knows is trusted with less.
   */
  static String of(VersionVector known) {
    return known.upTo().isEmpty()
        ? NOTHING
        : known.atMost(MOST_KNOWN).stream()
            .map(origin -> idAndNumber(origin.getKey(), origin.getValue()))
            .collect(Collectors.joining(","));
  }

  /** Returns the value of {@link #KNOWN}, parsed; null if it is malformed. */
  static @Nullable VersionVector parseKnown(String header) {
    if (header.equals(NOTHING)) {
      return VersionVector.EMPTY;
    }
    String[] items = header.split(",", -1);
    Map<Long, Long> upTo = new HashMap<>();
    for (String item : items) {
      Sender origin = parseSender(item);
      if (origin == null || items.length > MOST_KNOWN) {
        return null;
      }
      upTo.put(origin.node(), origin.number());
    }
    return new VersionVector(upTo);
  }

  private static String idAndNumber(long id, long number) {
    return HexFormat.of().toHexDigits(id) + '.' + number;
  }

  /**
   * The age of a value, and its remaining time to live.
   *
   * @param ageMillis at least 0
   * @param leftMillis negative if the value has expired and is served because the source fails
   */
  record Life(long ageMillis, long leftMillis) {
    /**
     * Returns the times of {@code answer} on this node; null if it serves the value without end.
     */
    static @Nullable Life of(CachedValue answer) {
      if (answer.servedFor() == null) {
        return null;
      }
      long age = answer.age() == null ? 0 : Math.max(0, answer.age().toMillis());
      long left = answer.servedFor().toMillis();
      boolean stale = answer.origin() == CachedValue.Origin.STALE;
      return new Life(age, stale ? Math.min(-1, left) : Math.max(0, left));
    }

    /** Returns the value of {@link #LIFE}, parsed; null if it is malformed. */
    static @Nullable Life parse(String header) {
      int space = header.indexOf(' ');
      if (space < 0) {
        return null;
      }
      try {
        long age = Long.parseLong(header.substring(0, space));
        long left = Long.parseLong(header.substring(space + 1));
        return age < 0 ? null : new Life(age, left);
      } catch (NumberFormatException malformed) {
        return null;
      }
    }

    /** Returns {@link #LIFE} as it is on the wire. */
    @Override
    public String toString() {
      return ageMillis + " " + leftMillis;
    }
  }
}
