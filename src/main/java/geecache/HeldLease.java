package geecache;

/** A lease that this node gave, as those see it who ask after it. Safe for use by many threads. */
interface HeldLease {
  /** Returns its number on this node. */
  long number();

  /** Returns the id of the node that holds it; 0 for this node. */
  long holder();

  /** Returns when it was given, by the waiting ticker. */
  long since();

  /** Returns when its holder was heard of last, by the waiting ticker. */
  long heard();

  boolean hasEnded();

  /** Notes a sign of life of the holder; returns whether the lease has not ended. */
  boolean renew(long now);

  /** Ends it as the node says that holds it. */
  LeaseEnd.Taken end(LeaseEnd told);
}
