package geecache.simulation;

/** What is promised, as far as a run can show that it is broken. */
enum Property {
  /** A get begun after a removal returned sees nothing older than the source was at the call. */
  P1,
  /** A get begun after a set returned sees that value or a later one. */
  P2,
  /** The same as these two, at a node that had left the list of the changing node lately. */
  LEFT,
  /** The same as these two, at a node that the changing node has met since. */
  MET,
  /** A change that failed takes effect nowhere after a later one that was acknowledged there. */
  P3,
  /** When faults have ended, all nodes give the latest values. */
  P4,
  /** Without faults the source is asked once for a key, and once more after each removal. */
  P5,
  /** Every call ends within its limit, and nothing grows beyond its bound. */
  P6,
  /** A get sees no value of another version than that of its node. */
  P7,
  /** P1 to P3, for a value that a caller loaded under a lease. */
  L1,
  /** P5, where callers load: one call of a loader for each removal carried out. */
  L2,
  /**
   * A get with a loader ends in its time, and while it waits, somebody loads; it fails only because
   * its own loader or one that it waited for did.
   */
  L3,
  /** A lease ends in its time. When all is quiet, none is held or given, and nothing under way. */
  L4
}
