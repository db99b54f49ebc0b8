package geecache.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A keep-alive connection of a client that does as little as possible. For one thread. */
final class Wire implements AutoCloseable {
  private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *([0-9]+)");

  private final String context;
  private final Socket socket;
  private final InputStream in;

  /** To the application at the root. */
  Wire(int port) throws IOException {
    this(port, "");
  }

  /**
   * @param context the path of the application: empty, or with a slash before it
   */
  Wire(int port, String context) throws IOException {
    this.context = context;
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(60_000);
    // Closed by a reset, so that no port waits: thousands are opened again and again.
    socket.setSoLinger(true, 0);
    in = new BufferedInputStream(socket.getInputStream(), 1024);
  }

  static String request(String context, String path) {
    return "GET " + context + "/_geecache/" + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }

  void send(String path) throws IOException {
    socket.getOutputStream().write(request(context, path).getBytes(ISO_8859_1));
  }

  /** Returns the head, an empty line and the body. */
  String receive() throws IOException {
    StringBuilder head = new StringBuilder(512);
    while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the server closed the connection after: " + head);
      }
      head.append((char) next);
    }
    Matcher length = LENGTH.matcher(head);
    if (!length.find()) {
      throw new IOException("no length: " + head);
    }
    byte[] body = in.readNBytes(Integer.parseInt(length.group(1)));
    return head + new String(body, ISO_8859_1);
  }

  /** Asks for a path and requires an answer that holds {@code expected}. */
  String get(String path, String expected) throws IOException {
    send(path);
    return receive(expected);
  }

  String receive(String expected) throws IOException {
    String answer = receive();
    if (!answer.startsWith("HTTP/1.1 200") || !answer.contains(expected)) {
      throw new IOException("not what was expected, " + expected + ": " + answer);
    }
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
