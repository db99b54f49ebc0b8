package geecache.containers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Optional;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;

/**
 * Sends bytes as they stand, for requests that a client library would refuse or mend, each on a
 * connection of its own. Every char of a request is one byte.
 */
final class Wire {
  private static final int READ_MILLIS = 30_000;

  private final int port;

  Wire(int port) {
    this.port = port;
  }

  /** Whether a GET gives 200; false also where nothing listens. */
  boolean answers(String target) {
    try {
      return get(target).code() == 200;
    } catch (IOException refused) {
      return false;
    }
  }

  Answer get(String target) throws IOException {
    return exchange(head("GET", target) + "\r\n")
        .orElseThrow(() -> new IOException("closed without an answer"));
  }

  /** The request line and the headers that every request needs, without the empty line. */
  String head(String method, String target) {
    return method
        + " "
        + target
        + " HTTP/1.1\r\nHost: 127.0.0.1:"
        + port
        + "\r\nConnection: close\r\n";
  }

  /** Returns nothing where the server ends the connection instead of answering. */
  Optional<Answer> exchange(String request) throws IOException {
    try (Socket socket = connect();
        DefaultBHttpClientConnection connection =
            new DefaultBHttpClientConnection(Http1Config.DEFAULT)) {
      connection.bind(socket);
      write(socket, request);
      ClassicHttpResponse response = connection.receiveResponseHeader();
      connection.receiveResponseEntity(response);
      return Optional.of(Answer.read(response));
    } catch (java.net.SocketTimeoutException silent) {
      throw silent;
    } catch (IOException | HttpException closed) {
      return Optional.empty();
    }
  }

  /** Returns all bytes up to the end of the connection. */
  String exchangeBytes(String request) throws IOException {
    try (Socket socket = connect()) {
      write(socket, request);
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  /**
   * Sends {@code request}, and leaves the answer to be read from the socket, which is the caller's.
   */
  Socket send(String request) throws IOException {
    Socket socket = connect();
    write(socket, request);
    return socket;
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(READ_MILLIS);
    return socket;
  }

  /** A server may answer and close before it has read everything; the answer then tells more. */
  private static void write(Socket socket, String request) {
    try {
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      socket.getOutputStream().flush();
    } catch (IOException closed) {
      // What there is to read decides.
    }
  }
}
