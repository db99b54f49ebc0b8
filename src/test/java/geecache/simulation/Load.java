package geecache.simulation;

import org.jspecify.annotations.Nullable;

/** A call of a getter, or of the loader of a caller; times in nanoseconds. */
final class Load {
  /** When the first get began that can have asked for it. */
  final long wanted;

  final long begin;

  /** The version that it reads. */
  final int version;

  /** The node of the caller whose loader it is; null for a getter. */
  final @Nullable Incarnation caller;

  private long end = Change.NEVER;
  private boolean brought;
  private boolean failed;

  Load(long wanted, long begin, int version, @Nullable Incarnation caller) {
    this.wanted = wanted;
    this.begin = begin;
    this.version = version;
    this.caller = caller;
  }

  /**
   * Notes the end.
   *
   * @param value whether there is a value that may be kept
   */
  void end(long nanos, boolean value) {
    end = nanos;
    brought = value;
  }

  /** Notes that it throws an exception that says something of the key. */
  void fail() {
    failed = true;
  }

  /** Whether it threw such an exception. */
  boolean hasFailed() {
    return failed;
  }

  /** Returns when it ended; {@link Change#NEVER} if it has not. */
  long end() {
    return end;
  }

  /** Whether it runs, on a node that lives. */
  boolean isUnderWay() {
    return end == Change.NEVER && (caller == null || !caller.hasEnded());
  }

  /** Whether it has ended with a value that may be kept. */
  boolean hasBrought() {
    return brought;
  }
}
