package geecache.membership;

import java.net.Inet6Address;
import java.net.InetAddress;

/** Writes addresses in the names of nodes. All nodes must write them in the same way. */
final class Addresses {
  private static final int GROUPS = 8;

  private Addresses() {}

  /**
   * Returns an address as text. IPv6 is written as in RFC 5952, without a zone: Kubernetes tells a
   * pod its own address in this form.
   */
  static String text(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address.getHostAddress();
    }
    int[] groups = groups(address.getAddress());
    int zeros = 0;
    int longest = 1; // A single zero is not shortened.
    for (int from = 0; from < GROUPS; from++) {
      int length = zerosAt(groups, from);
      if (length > longest) {
        zeros = from;
        longest = length;
      }
    }
    return longest == 1
        ? hex(groups, 0, GROUPS)
        : hex(groups, 0, zeros) + "::" + hex(groups, zeros + longest, GROUPS);
  }

  private static int[] groups(byte[] bytes) {
    int[] groups = new int[GROUPS];
    for (int i = 0; i < GROUPS; i++) {
      groups[i] = (bytes[2 * i] & 0xff) << 8 | bytes[2 * i + 1] & 0xff;
    }
    return groups;
  }

  private static int zerosAt(int[] groups, int from) {
    int end = from;
    while (end < GROUPS && groups[end] == 0) {
      end++;
    }
    return end - from;
  }

  private static String hex(int[] groups, int from, int to) {
    StringBuilder text = new StringBuilder();
    for (int i = from; i < to; i++) {
      text.append(i == from ? "" : ":").append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }
}
