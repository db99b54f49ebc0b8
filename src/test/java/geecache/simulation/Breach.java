package geecache.simulation;

/**
 * A promise that was broken, and what shows it.
 *
 * @param key that it is about; -1 for none
 * @param nanos when a call that broke it began
 */
record Breach(Property property, int key, long nanos, String story) {
  static final int NO_KEY = -1;

  /** Returns the same as a breach of another property. */
  Breach as(Property other) {
    return new Breach(other, key, nanos, story);
  }

  @Override
  public String toString() {
    return property + ": " + story;
  }
}
