package geecache;

/** The codec of a typed group cannot read some bytes. */
final class UnreadableException extends Exception {
  private static final long serialVersionUID = 1;

  UnreadableException(Exception cause) {
    super(cause);
  }
}
