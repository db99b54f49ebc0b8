package geecache.simulation;

/** What a plan is mostly about. */
enum Theme {
  /** Nothing goes wrong but, maybe, the source is slow. */
  CALM,
  /** All see the same nodes, but messages are late, lost or repeated, and nodes stand still. */
  NETWORK,
  /** Nodes do not see the same lists. */
  VIEWS,
  /** Nodes end, are deployed anew, leave and join. */
  RESTARTS,
  /** All of it. */
  MIXED
}
