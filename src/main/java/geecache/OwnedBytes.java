package geecache;

/**
 * Makes views of arrays that nobody else has, without a copy: of what was just read or encoded.
 * Users have {@link ByteView#of(byte[])}, since a view of an array that they change later would
 * change too.
 */
public final class OwnedBytes {
  private OwnedBytes() {}

  /** Returns a view of {@code bytes} itself, which nobody must change any more. */
  public static ByteView view(byte[] bytes) {
    return ByteView.owning(bytes);
  }
}
