package geecache;

/** A value was not set: it is larger than its group takes, or than the group's memory. */
public final class ValueTooLargeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  ValueTooLargeException(String message) {
    super(message);
  }
}
