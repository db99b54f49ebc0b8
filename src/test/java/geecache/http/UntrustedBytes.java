package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What reading has to keep to, whatever the bytes are. */
final class UntrustedBytes {
  /** What a reader may take for itself: buffers, decoders, and what it throws. */
  private static final long ALLOWANCE = 32 << 10;

  /** Of a message whose parts take two bytes each; an object for each takes 40 or 50. */
  private static final long HEAP_FOR_A_BYTE = 40;

  private UntrustedBytes() {}

  /** What reads. */
  interface Reader<T> {
    T read(byte[] bytes) throws IOException;
  }

  /**
   * Reads, and returns null where that is refused by an {@link IOException}; lets everything else
   * through that is thrown. Fails where the heap that it takes is not in proportion to {@code
   * bytes}. What the first of all readings loads is not counted, so it is read twice then.
   */
  static <T> @Nullable T read(byte[] bytes, Reader<T> reader) {
    long most = ALLOWANCE + HEAP_FOR_A_BYTE * bytes.length;
    if (heapOf(bytes, reader) > most) {
      assertThat(heapOf(bytes, reader)).isLessThanOrEqualTo(most);
    }
    return readOnce(bytes, reader);
  }

  private static <T> long heapOf(byte[] bytes, Reader<T> reader) {
    return Bytes.allocatedBy(() -> readOnce(bytes, reader));
  }

  private static <T> @Nullable T readOnce(byte[] bytes, Reader<T> reader) {
    try {
      return reader.read(bytes);
    } catch (IOException refused) {
      return null;
    }
  }
}
