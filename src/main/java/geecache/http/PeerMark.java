package geecache.http;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The header by which a request says that it comes from a node, and by which the answer shows that
 * it belongs to that request: an answer that is out of step on its connection is so never taken for
 * another key's.
 *
 * @param node the id of the node that sends the header
 * @param number the number of the request; an answer repeats it
 */
record PeerMark(long node, long number) {
  static final String HEADER = "Geecache-Peer";
  static final String VIEW_HEADER = "Geecache-View";

  /** How long the answer to one key may be held back, in milliseconds; then it is "pending". */
  static final String WAIT_HEADER = "Geecache-Wait";

  private static final int HEX_LONG = 16;

  /** Returns what {@code header} says; null if that is malformed. */
  static @Nullable PeerMark parse(String header) {
    if (header.length() < HEX_LONG + 2 || header.charAt(HEX_LONG) != '.') {
      return null;
    }
    try {
      return new PeerMark(
          HexFormat.fromHexDigitsToLong(header, 0, HEX_LONG),
          Long.parseLong(header.substring(HEX_LONG + 1)));
    } catch (NumberFormatException malformed) {
      return null;
    }
  }

  /** Returns how it is written on the wire. */
  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(node) + '.' + number;
  }
}
