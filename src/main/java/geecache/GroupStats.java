package geecache;

import java.time.Duration;
import java.util.List;

/**
 * What a group has done since it was registered, and what it holds. A snapshot: the numbers are
 * read one after the other, and add up once the group is idle, unless there was no thread for a
 * load (the node was closed, or the JVM had none): then
 *
 * <pre>gets = mainHits + hotHits + fetches + fetchesDeduplicated - fetchesInVain
 *     + (loads - refreshes) + peekHits + loadsDeduplicated + rejected</pre>
 *
 * @param gets keys asked for
 * @param mainHits answered from what this node keeps, "absent" included
 * @param hotHits answered from copies of what another node keeps
 * @param fetches begun by asking a peer
 * @param fetchesDeduplicated gets that waited for a fetch which was under way
 * @param fetchesInVain gets whose fetch no peer answered, and that had their key loaded here
 * @param fetchFailures questions to a peer that it gave no answer to
 * @param loads begun by asking the source
 * @param loadsDeduplicated gets that waited for a load which was under way
 * @param peeks keys that a node was asked for which owned them until lately, before the source is
 * @param peekHits of these, those that it gave, so that the source was not asked
 * @param loadFailures loads that ended in an exception or past their time
 * @param absent loads that ended in "absent"
 * @param refreshes loads begun to renew a value before its end
 * @param staleServed gets answered with a value past its end, since the source failed
 * @param evictions entries that made room for others
 * @param rejected gets refused, or answered with a value past its end, since too many loads waited
 * @param entries held now, copies included
 * @param bytes held now, copies included, as counted against the budget
 * @param hotEntries copies held now
 * @param hotBytes copies held now, as counted against the budget
 * @param loadTimes how many loads took how long: item i counts those of less than 2^i microseconds
 *     that no earlier item counts, the last item all longer ones
 */
public record GroupStats(
    long gets,
    long mainHits,
    long hotHits,
    long fetches,
    long fetchesDeduplicated,
    long fetchesInVain,
    long fetchFailures,
    long loads,
    long loadsDeduplicated,
    long peeks,
    long peekHits,
    long loadFailures,
    long absent,
    long refreshes,
    long staleServed,
    long evictions,
    long rejected,
    long entries,
    long bytes,
    long hotEntries,
    long hotBytes,
    List<Long> loadTimes) {

  /** The number of items of {@link #loadTimes}; the last but one ends at about 34 s. */
  static final int LOAD_TIME_BUCKETS = 27;

  /** Keeps a copy of the list. */
  public GroupStats {
    loadTimes = List.copyOf(loadTimes);
  }

  /**
   * Returns a time within which the given part of loads ended: the upper bound of the item of
   * {@link #loadTimes} in which it lies, and so at most twice the true time. Zero without loads.
   *
   * @param part above 0 and at most 1, such as 0.99
   */
  public Duration loadTime(double part) {
    if (!(part > 0 && part <= 1)) {
      throw new IllegalArgumentException("part must be above 0 and at most 1: " + part);
    }
    long loads = loadTimes.stream().mapToLong(Long::longValue).sum();
    long wanted = (long) Math.ceil(loads * part);
    long seen = 0;
    for (int i = 0; i < loadTimes.size(); i++) {
      seen += loadTimes.get(i);
      if (loads > 0 && seen >= wanted) {
        return Duration.ofNanos(1_000L << i);
      }
    }
    return Duration.ZERO;
  }
}
