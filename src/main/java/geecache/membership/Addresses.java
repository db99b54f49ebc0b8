package geecache.membership;

import java.net.Inet6Address;
import java.net.InetAddress;

/** How addresses are written in the names of nodes: all nodes have to write them alike. */
final class Addresses {
  private static final int GROUPS = 8;

  private Addresses() {}

  /**
   * Returns an address as text, one of IPv6 as RFC 5952 has it and without a zone: the way in which
   * Kubernetes tells a pod its own.
   */
  static String text(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address.getHostAddress();
    }
    int[] groups = groups(address.getAddress());
    int zeros = 0;
    int longest = 1; // A single zero is written.
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
