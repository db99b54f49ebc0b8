package geecache;

/**
 * The source answered, and has no such key. Thrown by getters; passed on by groups. It has no stack
 * trace if a group remembered the absence.
 */
public final class KeyNotFoundException extends CacheException {
  private static final long serialVersionUID = 1;

  private final boolean unfilled;

  /**
   * Says that a key is absent.
   *
   * @param message the message for clients
   */
  public KeyNotFoundException(String message) {
    super(message, null);
    this.unfilled = false;
  }

  private KeyNotFoundException(Entry absence) {
    super(messageOf(absence));
    this.unfilled = false;
  }

  private KeyNotFoundException(String message, boolean unfilled) {
    super(message);
    this.unfilled = unfilled;
  }

  /** Says that nobody has filled {@code key}, in a group that has no getter. */
  public static KeyNotFoundException unfilled(String key) {
    return new KeyNotFoundException("no such key: " + key, true);
  }

  /** Whether no source was asked: the group has no getter, and nobody has filled the key. */
  public boolean isUnfilled() {
    return unfilled;
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
