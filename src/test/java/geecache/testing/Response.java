package geecache.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a node answered over HTTP. Immutable. */
public final class Response {
  /** Longer than any time-out of a node that a test waits for. */
  private static final int READ_MILLIS = 60_000;

  private final int status;
  private final Map<String, String> headers;
  private final byte[] body;

  private Response(int status, Map<String, String> headers, byte[] body) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  /**
   * Sends a request as it stands, over a connection of its own, and waits for the whole answer.
   *
   * @param target the raw path and query
   * @param headers beside {@code Host}, {@code Connection} and {@code Content-Length}, or instead
   * @param body null for none
   */
  static Response to(
      int port, String method, String target, Map<String, String> headers, byte @Nullable [] body)
      throws IOException {
    Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    all.put("Host", "127.0.0.1:" + port);
    all.put("Connection", "close");
    if (body != null) {
      all.put("Content-Length", String.valueOf(body.length));
    }
    all.putAll(headers);
    StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
    all.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(READ_MILLIS);
      OutputStream out = socket.getOutputStream();
      out.write(head.append("\r\n").toString().getBytes(UTF_8));
      if (body != null) {
        write(body, out);
      }
      return read(new BufferedInputStream(socket.getInputStream()), method);
    }
  }

  /** A node may answer and close before it has read everything; the answer then tells more. */
  private static void write(byte[] body, OutputStream out) {
    try {
      out.write(body);
    } catch (IOException closed) {
      // What there is to read decides.
    }
  }

  private static Response read(InputStream in, String method) throws IOException {
    Head head = Head.read(in);
    while (head != null && head.status() < 200) {
      head = Head.read(in);
    }
    if (head == null) {
      throw new EOFException("closed without an answer");
    }
    byte[] body = Framing.ofAnswer(head, method).read(in);
    return new Response(head.status(), Collections.unmodifiableMap(head.headers()), body);
  }

  /** Returns the status code. */
  public int status() {
    return status;
  }

  /** Returns all values of a header, joined by commas; null if there is none. */
  public @Nullable String header(String name) {
    return headers.get(name);
  }

  /** Returns the values of all headers; their names are looked up in any case. */
  public Map<String, String> headers() {
    return headers;
  }

  /** Returns a copy of the body, chunks put together. */
  public byte[] body() {
    return body.clone();
  }

  /** Returns the body read as UTF-8. */
  public String text() {
    return new String(body, UTF_8);
  }

  @Override
  public String toString() {
    return status + " " + headers + " " + text();
  }
}
