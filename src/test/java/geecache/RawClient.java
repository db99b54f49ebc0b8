package geecache;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Locale;

/** One connection, on which a test writes and reads bytes as they stand. Every char is one byte. */
public final class RawClient implements AutoCloseable {
  private static final int READ_MILLIS = 60_000;

  private final Socket socket;
  private final InputStream in;

  public RawClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(READ_MILLIS);
    in = new BufferedInputStream(socket.getInputStream());
  }

  public void send(String bytes) throws IOException {
    socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
  }

  /** Reads so many bytes, or what there is until the end of the connection. */
  public String bytes(int count) throws IOException {
    return new String(in.readNBytes(count), ISO_8859_1);
  }

  /** Reads up to the end of the connection. */
  public String rest() throws IOException {
    return new String(in.readAllBytes(), ISO_8859_1);
  }

  /** Reads a head, with the empty line at its end. */
  public String head() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      String next = bytes(1);
      if (next.isEmpty()) {
        throw new IOException("the connection ends within a head: " + head);
      }
      head.append(next);
    }
    return head.toString();
  }

  /** Reads an answer whose length its head says, and returns its body. */
  public String body() throws IOException {
    return bytes(contentLength(head()));
  }

  public static int contentLength(String head) {
    return head.lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
        .map(line -> Integer.parseInt(line.substring(15).strip()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no length: " + head));
  }

  /** Whether it is open, and nothing has come. */
  public boolean isSilent() throws IOException {
    socket.setSoTimeout(1);
    try {
      in.read();
      return false;
    } catch (SocketTimeoutException silent) {
      return true;
    } finally {
      socket.setSoTimeout(READ_MILLIS);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
