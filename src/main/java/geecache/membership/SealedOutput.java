package geecache.membership;

import java.io.IOException;
import java.io.OutputStream;

/** The other end of a {@link SealedInput}. Gathers what is written until a flush. */
final class SealedOutput extends OutputStream {
  private static final int HEADER = 2;

  private final OutputStream out;
  private final FrameCipher cipher;
  private final byte[] text = new byte[SealedInput.MAX_TEXT];
  private final byte[] frame = new byte[HEADER + text.length + FrameCipher.TAG_BYTES];
  private long number;
  private int gathered;

  SealedOutput(OutputStream out, FrameCipher cipher) {
    this.out = out;
    this.cipher = cipher;
  }

  @Override
  public synchronized void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] from, int offset, int length) throws IOException {
    int written = 0;
    while (written < length) {
      if (gathered == text.length) {
        send();
      }
      int part = Math.min(length - written, text.length - gathered);
      System.arraycopy(from, offset + written, text, gathered, part);
      gathered += part;
      written += part;
    }
  }

  @Override
  public synchronized void flush() throws IOException {
    if (gathered > 0) {
      send();
    }
    out.flush();
  }

  /** Sends a frame of what was gathered, be it nothing. */
  synchronized void send() throws IOException {
    int sealed = gathered + FrameCipher.TAG_BYTES;
    frame[0] = (byte) (sealed >> Byte.SIZE);
    frame[1] = (byte) sealed;
    cipher.seal(number++, text, 0, gathered, frame, HEADER);
    gathered = 0;
    out.write(frame, 0, HEADER + sealed);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
