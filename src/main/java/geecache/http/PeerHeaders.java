package geecache.http;

import geecache.cluster.Removal;
import geecache.cluster.Sender;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
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

  /**
   * The removals that a node must know before it answers a {@code GET}: their ids in the form of
   * {@link #SENDER}, separated by commas. An asterisk follows the id if a whole group was removed.
   */
  static final String REMOVED = "Geecache-Removed";

  /** The age and the remaining time of a value, as {@link Life} writes them. */
  static final String LIFE = "Geecache-Life";

  private static final int HEX_LONG = 16;

  private PeerHeaders() {}

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
  static String of(List<Removal.Carried> removals) {
    StringBuilder header = new StringBuilder();
    for (Removal.Carried removal : removals) {
      header
          .append(header.isEmpty() ? "" : ",")
          .append(idAndNumber(removal.id().origin(), removal.id().number()))
          .append(removal.everything() ? "*" : "");
    }
    return header.toString();
  }

  /** Returns the value of {@link #REMOVED}, parsed; null if it is malformed. */
  static @Nullable List<Removal.Carried> parseRemoved(String header) {
    List<Removal.Carried> removals = new ArrayList<>();
    for (String item : header.split(",", -1)) {
      boolean everything = item.endsWith("*");
      Sender id = parseSender(everything ? item.substring(0, item.length() - 1) : item);
      if (id == null) {
        return null;
      }
      removals.add(new Removal.Carried(new Removal.Id(id.node(), id.number()), everything));
    }
    return removals;
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
