package geecache;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Objects;

/**
 * An immutable sequence of bytes: the values that a cache holds and hands out. Bytes are copied on
 * the way in and on the way out; only {@code writeTo}, {@code asByteBuffer} and {@code inputStream}
 * make no copy. Safe for use by many threads.
 *
 * <p>Equality is by content. The idea is golang/groupcache's {@code ByteView}.
 */
public final class ByteView {
  private static final ByteView EMPTY = new ByteView(new byte[0]);

  /** As much is allocated before any byte of a stream has come. */
  private static final int FIRST_BYTES = 8 << 10;

  /** So many times as much is taken once all of that has come. */
  private static final int GROWTH = 8;

  private final byte[] bytes;

  /**
   * Filled in by the first call that asks for it; 0 until then. Threads that race fill in the same.
   */
  private volatile long digest;

  private ByteView(byte[] owned) {
    this.bytes = owned;
  }

  /** Returns a view of a copy of {@code bytes}; later changes of the array do not show. */
  public static ByteView of(byte[] bytes) {
    return bytes.length == 0 ? EMPTY : new ByteView(bytes.clone());
  }

  /** See {@link OwnedBytes}. */
  static ByteView owning(byte[] bytes) {
    return bytes.length == 0 ? EMPTY : new ByteView(bytes);
  }

  /** Returns a view of {@code text} in UTF-8. */
  public static ByteView of(String text) {
    return text.isEmpty() ? EMPTY : new ByteView(text.getBytes(UTF_8));
  }

  /**
   * Reads the next {@code length} bytes of {@code in}. The stream must not keep or change the array
   * that it is given. Blocks as long as the stream does. A stream that ends too soon has taken no
   * more memory than some nine times its bytes, or 8 KiB: a longer view is copied while it grows.
   *
   * @throws EOFException if the stream ends before
   * @throws IOException if {@code in} fails; some bytes may then have been read
   * @throws IllegalArgumentException if {@code length} is negative
   */
  public static ByteView read(InputStream in, int length) throws IOException {
    if (length < 0) {
      throw new IllegalArgumentException("length must not be negative: " + length);
    }
    if (length == 0) {
      return EMPTY;
    }
    byte[] bytes = new byte[Math.min(length, FIRST_BYTES)];
    for (int count = 0; count < length; count = bytes.length) {
      if (count > 0) {
        bytes = Arrays.copyOf(bytes, (int) Math.min(length, (long) GROWTH * count));
      }
      int wanted = bytes.length - count;
      int come = in.readNBytes(bytes, count, wanted);
      if (come < wanted) {
        throw new EOFException("%d bytes of %d have come".formatted(count + come, length));
      }
    }
    return new ByteView(bytes);
  }

  /** Returns the number of bytes. */
  public int length() {
    return bytes.length;
  }

  /**
   * Returns the byte at {@code index}.
   *
   * @throws IndexOutOfBoundsException unless {@code 0 <= index < length()}
   */
  public byte at(int index) {
    return bytes[index];
  }

  /** Returns a copy, which belongs to the caller. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  /** Returns the bytes as a read-only buffer, without a copy. Its position is its own. */
  public ByteBuffer asByteBuffer() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  /** Returns a stream of the bytes, which are not copied before they are read. It never blocks. */
  public InputStream inputStream() {
    return new ByteArrayInputStream(bytes);
  }

  /**
   * Writes all bytes to {@code out} in one call and without a copy. The stream must not keep or
   * change the array that it is given, as {@link OutputStream#write(byte[])} demands. Blocks as
   * long as the stream does.
   *
   * @throws IOException if {@code out} fails; some bytes may then have been written
   */
  public void writeTo(OutputStream out) throws IOException {
    out.write(bytes);
  }

  /**
   * Writes {@code length} bytes from {@code offset} on, like {@link #writeTo(OutputStream)}.
   *
   * @throws IndexOutOfBoundsException if they are not all within this view
   * @throws IOException if {@code out} fails; some bytes may then have been written
   */
  public void writeTo(OutputStream out, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    out.write(bytes, offset, length);
  }

  /**
   * Returns the first 64 bits of the SHA-256 of the bytes: different contents have different
   * digests, but for one chance in 2^64. The first call reads all bytes; later ones do not.
   */
  public long digest() {
    long known = digest;
    if (known == 0) {
      known = ByteBuffer.wrap(sha256(bytes)).getLong();
      digest = known;
    }
    return known;
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every JVM has SHA-256", impossible);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ByteView view && Arrays.equals(bytes, view.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** Returns the bytes decoded as UTF-8; malformed parts become U+FFFD. */
  @Override
  public String toString() {
    return new String(bytes, UTF_8);
  }
}
