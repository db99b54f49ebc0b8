package geecache.cluster;

/** What became of a {@link SetChange}. */
public enum SetResult {
  /** The node stored the value. */
  STORED,
  /**
   * The node has a value that was set later, or knows a removal of the key that the caller's node
   * did not know, or may have forgotten one. That was called at the same time: it is as if the
   * value had been stored, and then changed.
   */
  OVERTAKEN,
  /** The node does not own the key. */
  NOT_OWNER,
  /** The node has no such group, or the group does not take the key or the value. */
  REFUSED
}
