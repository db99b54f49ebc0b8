package geecache.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Where the body of a message ends (RFC 9112, section 6.3). */
final class Framing {
  private enum End {
    AT_ONCE,
    AFTER_LENGTH,
    AFTER_LAST_CHUNK,
    WITH_CONNECTION
  }

  private final End end;
  private final long length;

  private Framing(End end, long length) {
    this.end = end;
    this.length = length;
  }

  static Framing ofRequest(Head request) throws IOException {
    return announced(request, End.AT_ONCE);
  }

  /**
   * Of the answer to a request.
   *
   * @param method that of the request
   */
  static Framing ofAnswer(Head answer, String method) throws IOException {
    int status = answer.status();
    return method.equals("HEAD") || status < 200 || status == 204 || status == 304
        ? new Framing(End.AT_ONCE, 0)
        : announced(answer, End.WITH_CONNECTION);
  }

  private static Framing announced(Head head, End otherwise) throws IOException {
    if (head.lists("Transfer-Encoding", "chunked")) {
      return new Framing(End.AFTER_LAST_CHUNK, 0);
    }
    String length = head.header("Content-Length");
    if (length == null) {
      return new Framing(otherwise, 0);
    }
    if (!length.matches("\\d{1,18}")) {
      throw new IOException("not a Content-Length: " + length);
    }
    return new Framing(End.AFTER_LENGTH, Long.parseLong(length));
  }

  /** Whether there is no body, whatever the head says. */
  boolean isEmpty() {
    return end == End.AT_ONCE;
  }

  /** Whether only the end of the connection tells that the body is whole. */
  boolean endsWithConnection() {
    return end == End.WITH_CONNECTION;
  }

  /**
   * Copies the body as it is on the wire, chunk sizes included; what is read is written at once.
   */
  void copy(InputStream in, OutputStream out) throws IOException {
    transfer(in, out, out);
  }

  /** Returns the body as it is on the wire, chunk sizes included. */
  byte[] readRaw(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    copy(in, body);
    return body.toByteArray();
  }

  /** Returns what the body carries. */
  byte[] read(InputStream in) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    transfer(in, OutputStream.nullOutputStream(), content);
    return content.toByteArray();
  }

  private void transfer(InputStream in, OutputStream sizes, OutputStream content)
      throws IOException {
    switch (end) {
      case AT_ONCE -> {}
      case AFTER_LENGTH -> transfer(in, content, length);
      case AFTER_LAST_CHUNK -> transferChunks(in, sizes, content);
      case WITH_CONNECTION -> in.transferTo(content);
    }
  }

  private static void transferChunks(InputStream in, OutputStream sizes, OutputStream content)
      throws IOException {
    for (long size = -1; size != 0; ) {
      size = transferChunkSize(in, sizes);
      if (size > 0) {
        transfer(in, content, size);
        transferLine(in, sizes);
      }
    }
    while (!transferLine(in, sizes).isBlank()) {
      // A trailer.
    }
  }

  private static long transferChunkSize(InputStream in, OutputStream sizes) throws IOException {
    String size = transferLine(in, sizes).replaceFirst(";.*", "").strip();
    if (!size.matches("[0-9A-Fa-f]{1,15}")) {
      throw new IOException("not the size of a chunk: " + size);
    }
    return Long.parseLong(size, 16);
  }

  private static String transferLine(InputStream in, OutputStream out) throws IOException {
    String line = Lines.require(in);
    out.write(line.getBytes(ISO_8859_1));
    return line;
  }

  private static void transfer(InputStream in, OutputStream out, long bytes) throws IOException {
    byte[] buffer = new byte[8192];
    for (long left = bytes; left > 0; ) {
      int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (read < 0) {
        throw new EOFException("the stream ends " + left + " bytes before its body");
      }
      out.write(buffer, 0, read);
      left -= read;
    }
  }
}
