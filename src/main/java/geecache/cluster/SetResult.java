package geecache.cluster;

/** What became of a {@link SetChange}. */
public enum SetResult {
  /** The node stored the value. */
  STORED,
  /**
   * The node knows a removal of the key that the caller's node did not know, or may have forgotten
   * one. That was called at the same time: it is as if the value had been stored, and then removed.
   */
  OVERTAKEN,
  /** The node does not own the key. */
  NOT_OWNER,
  /** The node does not take the value, for another reason than the ones below. */
  REFUSED,
  /** The node has no such group. */
  NO_SUCH_GROUP,
  /** The value is larger than the node's group takes, or has room for. */
  TOO_LARGE,
  /** The node knows of a later set: it is as if the value had been stored, and then replaced. */
  SUPERSEDED,
  /** The key has a value, and the change was to be stored only if it had none. */
  PRESENT
}
