package geecache;

/**
 * What one get is given in place of an outcome: it is to load the key itself; see {@link Lease}.
 */
interface Grant {
  /** Passes the lease on to the next caller that waits and can load; does nothing if it ended. */
  void giveBack();
}
