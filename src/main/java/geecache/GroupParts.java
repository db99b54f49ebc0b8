package geecache;

/**
 * The parts of a group that the classes of its engine share.
 *
 * @param name the name under which the node knows the group
 * @param settings the rules of the group
 * @param getter loads a key from the source
 * @param store the values in memory
 * @param counters count gets, loads and their like
 * @param waits waits for outcomes
 * @param waiterLimit bounds the gets that wait
 * @param local this group, for peers that are asked
 * @param node the parts that the groups of the node share
 */
record GroupParts(
    String name,
    GroupSettings settings,
    Getter getter,
    GroupStore store,
    Counters counters,
    WaitLimits waits,
    WaiterLimit waiterLimit,
    LocalGroup local,
    NodeParts node) {

  /** Whether the group has a source of its own. */
  boolean hasGetter() {
    return !(getter instanceof NoGetter);
  }

  /** Returns the message that refuses {@code value}, which is larger than the group takes. */
  static String tooLarge(ByteView value, int maxValueBytes) {
    return "value is too large: " + value.length() + " bytes, at most " + maxValueBytes;
  }
}
