package geecache;

import java.time.Duration;
import java.util.List;

/**
 * The counters of a group since it was registered, and what it holds. A snapshot: the numbers are
 * read one after the other. Once the group is idle,
 *
 * <pre>gets = mainHits + hotHits + fetches + fetchesDeduplicated - fetchesInVain
 *     + (loads - refreshes) + peekHits + loadsDeduplicated + rejected + unwanted
 *     + leases + unfilled</pre>
 *
 * <p>This does not hold if there was no thread for a load, because the node was closed or the JVM
 * had none.
 *
 * @param gets keys that callers asked for
 * @param mainHits gets answered from the values that this node keeps, "absent" included
 * @param hotHits gets answered from copies of values that another node keeps
 * @param fetches questions to a peer that gets began
 * @param fetchesDeduplicated gets that waited for a fetch which was under way
 * @param fetchesInVain gets whose fetch no peer answered, so that the key was loaded here
 * @param fetchFailures questions that a peer did not answer
 * @param loads questions to the source
 * @param loadsDeduplicated gets that waited for a load which was under way
 * @param peeks keys of which the former owner was asked before the source
 * @param peekHits keys that the former owner gave, so that the source was not asked
 * @param loadFailures loads that ended in an exception or past their time
 * @param absent loads that ended in "absent"
 * @param refreshes loads that renew a value before its end
 * @param staleServed gets answered with a value past its end, because the source failed
 * @param evictions entries that made room for others
 * @param rejected gets refused, or answered with a value past its end, because too many loads or
 *     gets waited
 * @param unwanted loads that waited for a place until no get waited for them, and were not run
 * @param notHeld results that the store does not keep, and for which there was no room until the
 *     node that was told to ask again would do so
 * @param tooLarge loads of values that were too large to be kept, or to be served
 * @param unreadable values that the codec of a typed group could not read; each was loaded anew
 * @param leases loads that a caller with a {@link Loader} was to do, on this node or another, under
 *     a lease that this node gave
 * @param leaseLoads keys that the loaders of this node's callers were called for, with one call or
 *     several
 * @param leasesRanOut leases that ended because their holder took too long, or was not heard of
 * @param leasesRefused results of {@link Loader}s that nobody but their own callers was given: they
 *     came after their lease had ended, or were read from a snapshot that may be too old
 * @param unfilled gets of keys that nobody had filled, in a group without a getter
 * @param puts entries stored: values that were loaded, set, given by other nodes or handed over,
 *     and kept absences
 * @param sets values that callers of this node set on all nodes, whether that succeeded or not
 * @param removals keys that callers of this node removed on all nodes, whether that succeeded or
 *     not
 * @param clears clearings that callers of this node made on all nodes, whether that succeeded or
 *     not
 * @param entries entries held now, copies included
 * @param bytes bytes held now, copies included, as counted against the budget
 * @param hotEntries copies held now
 * @param hotBytes bytes of the copies held now, as counted against the budget
 * @param maxBytes the budget in bytes
 * @param getsWaiting gets that wait now, for a load or a peer
 * @param loadsRunning loads that run now; without those that a getter runs on its own thread, or
 *     that wait for another key
 * @param loadsWaiting loads that wait for a place now
 * @param loadTimes how many loads took how long: item i counts the loads of less than 2^i
 *     microseconds that no earlier item counts, the last item all longer ones
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
    long unwanted,
    long notHeld,
    long tooLarge,
    long unreadable,
    long leases,
    long leaseLoads,
    long leasesRanOut,
    long leasesRefused,
    long unfilled,
    long puts,
    long sets,
    long removals,
    long clears,
    long entries,
    long bytes,
    long hotEntries,
    long hotBytes,
    long maxBytes,
    int getsWaiting,
    int loadsRunning,
    int loadsWaiting,
    List<Long> loadTimes) {

  /** The number of items of {@link #loadTimes}; the last but one ends at about 34 s. */
  static final int LOAD_TIME_BUCKETS = 27;

  /** Keeps a copy of the list. */
  public GroupStats {
    loadTimes = List.copyOf(loadTimes);
  }

  /**
   * Returns a time within which the given part of loads ended. It is the upper bound of an item of
   * {@link #loadTimes}, and so at most twice the true time. Zero without loads.
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
