package geecache.simulation;

import java.util.List;

/** A removal, a set or a clearing that was called. */
final class Change {
  /** How it ended. */
  enum End {
    UNDER_WAY,
    /** It returned, or named the nodes that it had not reached. */
    ACKNOWLEDGED,
    /** It returned that there was a value, and changed nothing. */
    NEEDLESS,
    /** It threw something else, or its node ended before. */
    LOST
  }

  static final long NEVER = Long.MAX_VALUE;

  final Operation operation;
  final Incarnation by;

  /** The step and the time at which it was called. */
  final long begin;

  final long beginNanos;

  /**
   * For each key the version that a get must see at least: that of the source when it was called,
   * or the one that was set. -1 for a key that it is not about.
   */
  final int[] bounds;

  /** The nodes in the list of its node when it was called; later also when it returned. */
  int members;

  /** The nodes that had left the list of its node within the last minute. */
  final int left;

  long end = NEVER;
  long endNanos = NEVER;
  End how = End.UNDER_WAY;

  /** The nodes that it named. */
  int named;

  /** The nodes that lived when it returned and did not have to know it then. */
  List<Incarnation> unreached = List.of();

  Change(
      Operation operation,
      Incarnation by,
      long begin,
      long beginNanos,
      int[] bounds,
      int members,
      int left) {
    this.operation = operation;
    this.by = by;
    this.begin = begin;
    this.beginNanos = beginNanos;
    this.bounds = bounds;
    this.members = members;
    this.left = left;
  }

  boolean isSet() {
    return operation.kind().isSet();
  }

  /** Whether it and another change were under way at the same time. */
  boolean overlaps(Change other) {
    return begin < other.end && other.begin < end;
  }

  /** Whether all nodes have acknowledged it. */
  boolean reachedAll() {
    return how == End.ACKNOWLEDGED && named == 0;
  }

  /** Whether its caller was told that it had failed, or was told nothing. */
  boolean failed() {
    return how == End.LOST || how == End.ACKNOWLEDGED && named != 0;
  }

  @Override
  public String toString() {
    String ending =
        switch (how) {
          case UNDER_WAY -> "under way";
          case NEEDLESS -> "changed nothing";
          case LOST -> "lost at " + Plan.time(endNanos / 1_000);
          case ACKNOWLEDGED ->
              "returned at "
                  + Plan.time(endNanos / 1_000)
                  + (named == 0 ? "" : " without " + Nodes.names(named));
        };
    return "%s (%s) at %s, called at %s, %s"
        .formatted(
            operation.kind().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '),
            "caller " + operation.caller(),
            by,
            Plan.time(beginNanos / 1_000),
            ending);
  }
}
