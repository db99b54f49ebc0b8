package geecache.membership;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;
import org.jgroups.Address;
import org.jgroups.util.ExtendedUUID;
import org.jspecify.annotations.Nullable;

/**
 * The address of a member of a JGroups cluster, which carries the base URL and the id of its node.
 * Views are lists of addresses, and so have what is needed of each member, at once and agreed on.
 */
final class MemberAddress {
  private static final String URL = "geecache.url";
  private static final String ID = "geecache.id";

  /** What JGroups lets an address carry. */
  private static final int LONGEST = 255;

  private MemberAddress() {}

  /**
   * Makes an address that no other member has.
   *
   * @throws IllegalArgumentException if the URL has more than 255 bytes
   */
  static Address of(String url, long id) {
    byte[] bytes = url.getBytes(UTF_8);
    if (bytes.length > LONGEST) {
      throw new IllegalArgumentException(
          "with JGroups a node's URL may have at most 255 bytes, and this has " + bytes.length);
    }
    return ExtendedUUID.randomUUID(url)
        .put(URL, bytes)
        .put(ID, HexFormat.of().toHexDigits(id).getBytes(UTF_8)); // As text, for logs show it.
  }

  /** Returns the base URL of a member's node; null if it is no node's. */
  static @Nullable String url(Address member) {
    byte[] url = member instanceof ExtendedUUID carrying ? carrying.get(URL) : null;
    return url == null ? null : new String(url, UTF_8);
  }

  /** Returns the id of a member's node in hex; empty if it is no node's. */
  static String id(Address member) {
    byte[] id = member instanceof ExtendedUUID carrying ? carrying.get(ID) : null;
    return id == null ? "" : new String(id, UTF_8);
  }
}
