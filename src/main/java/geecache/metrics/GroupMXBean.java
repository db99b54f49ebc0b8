package geecache.metrics;

/**
 * What JMX shows of a group on this node, as {@link geecache.GroupStats} has it. Numbers of what
 * has happened count from when the group was registered.
 */
public interface GroupMXBean {
  /** Returns the number of keys that callers asked for. */
  long getGets();

  /** Returns the number of gets answered from memory, copies included. */
  long getHits();

  /** Returns the part of gets that were hits, from 0 to 1; 0 without gets. */
  double getHitRatio();

  /** Returns the number of questions to the source. */
  long getLoads();

  /** Returns the number of loads that failed or ran out of time. */
  long getLoadFailures();

  /** Returns the number of loads that found no such key. */
  long getLoadsAbsent();

  /** Returns the number of gets that waited for a load which was under way. */
  long getLoadsDeduplicated();

  /** Returns the number of loads that have a place now. */
  int getLoadsRunning();

  /** Returns the number of loads that wait for a place now. */
  int getLoadsWaiting();

  /** Returns the number of gets that wait now, for a load or a peer. */
  int getGetsWaiting();

  /** Returns the number of gets refused because too many loads or gets waited. */
  long getRejected();

  /** Returns the number of gets answered with a value past its end. */
  long getStaleServed();

  /** Returns the number of questions to a peer. */
  long getFetches();

  /** Returns the number of questions that a peer did not answer. */
  long getFetchFailures();

  /** Returns the number of entries stored. */
  long getPuts();

  /** Returns the number of entries that made room for others. */
  long getEvictions();

  /** Returns the number of values that callers of this node set. */
  long getSets();

  /** Returns the number of keys that callers of this node removed. */
  long getRemovals();

  /** Returns the number of clearings by callers of this node. */
  long getClears();

  /** Returns the number of entries held now, copies included. */
  long getEntries();

  /** Returns the heap that they take, in bytes. */
  long getBytes();

  /** Returns the budget, in bytes. */
  long getMaxBytes();

  /**
   * Returns the time within which half of the loads ended, in milliseconds; at most twice the true
   * time.
   */
  double getLoadMillisMedian();

  /**
   * Returns the time within which 99 % of the loads ended, in milliseconds; at most twice the true
   * time.
   */
  double getLoadMillis99();
}
