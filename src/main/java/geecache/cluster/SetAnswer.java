package geecache.cluster;

/**
 * The answer of a key's owner to a {@link SetChange}.
 *
 * @param result what became of it
 * @param overtakenAt the time of the latest change that overtook it, as in {@link
 *     geecache.Stamp#time}; 0 if none did, or the node does not say
 */
public record SetAnswer(SetResult result, long overtakenAt) {
  static SetAnswer overtakenAt(long time) {
    return new SetAnswer(SetResult.OVERTAKEN, time);
  }

  /** Returns the answer that is no more than {@code result}. */
  public static SetAnswer of(SetResult result) {
    return new SetAnswer(result, 0);
  }
}
