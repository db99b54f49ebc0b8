package geecache.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import java.util.TreeMap;

/** A connection of somebody who reads when told to. */
final class RawClient implements AutoCloseable {
  static final String BATCH_TYPE = "application/vnd.geecache.batch.v1+protobuf";

  /** After which a test gives up. */
  static final int PATIENCE_MILLIS = 20_000;

  /** Little, so that the system takes little from the server while nobody reads. */
  private static final int RECEIVE_BUFFER = 4096;

  final Socket socket = new Socket();
  private final DataInputStream in;

  RawClient(int port) throws IOException {
    socket.setReceiveBufferSize(RECEIVE_BUFFER);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    in = new DataInputStream(socket.getInputStream());
  }

  RawClient send(String request) throws IOException {
    socket.getOutputStream().write(request.getBytes(ISO_8859_1));
    return this;
  }

  RawClient get(String key) throws IOException {
    return send("GET /_geecache/g/" + key + " HTTP/1.1\r\nHost: x\r\n\r\n");
  }

  /** Asks for a key of one letter by a batch that does not wait. */
  RawClient post(String key) throws IOException {
    return send(
        "POST /_geecache/g HTTP/1.1\r\nHost: x\r\nContent-Type: "
            + BATCH_TYPE
            + "\r\nContent-Length: 5\r\n\r\n\u0012\u0003\n\u0001"
            + key);
  }

  /** Reads the head of the next answer; returns the status, and the headers in lower case. */
  Head head() throws IOException {
    String status = line();
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String line = line(); !line.isEmpty(); line = line()) {
      headers.put(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(':') + 2));
    }
    return new Head(Integer.parseInt(status.split(" ")[1]), headers);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int octet = in.read(); octet != '\n'; octet = in.read()) {
      if (octet < 0) {
        throw new EOFException();
      }
      line.append((char) octet);
    }
    return line.toString().strip();
  }

  byte[] body(Head head) throws IOException {
    byte[] body = new byte[head.length()];
    in.readFully(body);
    return body;
  }

  InputStream in() {
    return in;
  }

  /** What comes before a body; the names of headers in any case. */
  record Head(int code, Map<String, String> headers) {
    int length() {
      return Integer.parseInt(headers.get("Content-Length"));
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
