package geecache.membership;

import java.util.HashSet;
import java.util.Set;

/**
 * What to believe of a name's answers. An address that comes is believed at once; one that goes
 * stays until the next answer lacks it too, since name servers that are restarted or behind answer
 * with a part of the truth, and every node that leaves a view takes its keys along. For use by one
 * thread.
 */
final class DnsView {
  private Set<String> believed = Set.of();

  /** Addresses that the last answer lacked, and that are believed all the same. */
  private Set<String> doubted = Set.of();

  /** Takes the next answer, and returns the addresses to believe. */
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
