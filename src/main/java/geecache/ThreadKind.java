package geecache;

/** The kinds of threads that run getters. */
public enum ThreadKind {
  /** Threads of the operating system, each kept for the next load for 30 s. */
  PLATFORM,

  /**
   * Virtual threads, one for each load. A JVM of 21 to 23 runs them on one carrier thread for each
   * processor, and a driver that blocks inside {@code synchronized} holds its carrier: a few slow
   * loads then stop all groups, and all other virtual threads of the JVM.
   */
  VIRTUAL
}
