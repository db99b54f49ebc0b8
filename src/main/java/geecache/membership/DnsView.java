package geecache.membership;

import java.util.HashSet;
import java.util.Set;

/**
 * Turns the answers for a name into a list of addresses. A new address is added at once. A missing
 * one stays until the next answer lacks it too: name servers that restart or lag behind may leave
 * addresses out, and each node that leaves the view loses its keys. For use by one thread.
 */
final class DnsView {
  private Set<String> believed = Set.of();

  /** Addresses that the last answer lacked, and that stay on the list for now. */
  private Set<String> doubted = Set.of();

  /** Takes the next answer, and returns the list after it. */
  Set<String> next(Set<String> answer) {
    Set<String> missing = new HashSet<>(believed);
    missing.removeAll(answer);
    missing.removeAll(doubted);
    doubted = missing;
    Set<String> now = new HashSet<>(answer);
    now.addAll(missing);
    believed = now;
    return Set.copyOf(now);
  }
}
