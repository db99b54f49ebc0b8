package geecache.membership;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * What the other end of a connection has sealed, frame by frame: the length in two bytes, then the
 * sealed text. Frames are numbered from 0 on, so that none can be left out, repeated or exchanged.
 * Nothing is handed on before all of its frame was proved. Read by one thread at a time.
 */
final class SealedInput extends InputStream {
  /** The most that the text of a frame may have. */
  static final int MAX_TEXT = 8 * 1024;

  private final DataInputStream in;
  private final FrameCipher cipher;
  private final byte[] frame = new byte[2 + MAX_TEXT + FrameCipher.TAG_BYTES];
  private long number;

  /** Set before the thread that reads has the stream. */
  private Runnable onForged = () -> {};

  /** What is left of the last frame. */
  private byte[] text = new byte[0];

  private int at;

  /**
   * Reads from here on.
   *
   * @param number of the next frame
   */
  SealedInput(InputStream in, FrameCipher cipher, long number) {
    this.in = new DataInputStream(in);
    this.cipher = cipher;
    this.number = number;
  }

  /** Has {@code told} run when something comes that the other end has not sealed. */
  void onForged(Runnable told) {
    onForged = told;
  }

  /**
   * Returns the text of the next frame, which is read all the same, for a look before a thread
   * waits for more.
   *
   * @throws IOException if the other end closes instead, or has not sealed what comes
   */
  byte[] peek() throws IOException {
    if (!readFrame()) {
      throw new EOFException("the other end has closed");
    }
    return text;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (at == text.length) {
      if (!readFrame()) {
        return -1;
      }
    }
    int part = Math.min(length, text.length - at);
    System.arraycopy(text, at, into, offset, part);
    at += part;
    return part;
  }

  /** Returns false at the end of the connection. */
  private boolean readFrame() throws IOException {
    int first = in.read();
    if (first < 0) {
      return false;
    }
    int length = first << Byte.SIZE | in.readUnsignedByte();
    if (length > frame.length - 2) {
      throw forged();
    }
    frame[0] = (byte) first;
    frame[1] = (byte) length;
    in.readFully(frame, 2, length);
    byte[] opened = cipher.open(number++, frame, 2, length);
    if (opened == null) {
      throw forged();
    }
    text = opened;
    at = 0;
    return true;
  }

  private NotSealedException forged() {
    onForged.run();
    return new NotSealedException();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
