package geecache.simulation;

/**
 * How callers load keys in a plan.
 *
 * @param timeoutMillis how long a lease lasts; 0 if no caller loads
 * @param withoutGetter whether the group has no getter, so that only callers load
 */
record Leasing(int timeoutMillis, boolean withoutGetter) {
  /** No caller loads. */
  static final Leasing NONE = new Leasing(0, false);

  boolean isUsed() {
    return timeoutMillis > 0;
  }
}
