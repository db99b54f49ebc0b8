package geecache;

/**
 * The group has as many loads running and waiting as it may, a load had no place in time, too many
 * keys wait to be asked of the peer that owns this one, or too many changes are under way on this
 * node. The load, question or change was not begun. Values in memory are still served.
 */
public final class OverloadedException extends CacheException {
  private static final long serialVersionUID = 1;

  /**
   * Says that there is too much to do.
   *
   * @param message the message for clients
   */
  public OverloadedException(String message) {
    super(message, null);
  }
}
