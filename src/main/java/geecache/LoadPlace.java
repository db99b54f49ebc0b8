package geecache;

/** The place of a load that runs, among those of its group. For the thread that runs it. */
interface LoadPlace {
  /**
   * Gives the place to another load while this thread waits for a key, unless many loads wait so
   * already.
   *
   * @return whether it was given; then {@link #resume} has to follow
   */
  boolean pause();

  /** Goes on at once, even if that makes one load more than may run. */
  void resume();
}
