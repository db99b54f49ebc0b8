package geecache;

/**
 * The source answered, and has no such key. Thrown by getters; passed on by groups. It has no stack
 * trace if a group remembered the absence.
 */
public final class KeyNotFoundException extends CacheException {
  private static final long serialVersionUID = 1;

  /**
   * Says that a key is absent.
   *
   * @param message the message for clients
   */
  public KeyNotFoundException(String message) {
    super(message, null);
  }

  private KeyNotFoundException(Entry absence) {
    super(messageOf(absence));
  }

  /** Returns the answer of a get that found an absence: no frame of a stack says more. */
  static KeyNotFoundException of(Entry absence) {
    return new KeyNotFoundException(absence);
  }

  private static String messageOf(Entry absence) {
    Marks marks = absence.marks();
    return String.valueOf(marks == null ? null : marks.absence());
  }
}
