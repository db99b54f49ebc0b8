package geecache.containers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/**
 * The connections of somebody who means harm, all of them open until it is closed. Every char of
 * what it sends is one byte. A server may end a connection at any time, which is no failure.
 */
final class Attacker implements AutoCloseable {
  private static final int CONNECT_MILLIS = 10_000;
  private static final int READ_MILLIS = 1_000;

  private final int port;
  private final List<Socket> open = new ArrayList<>();

  Attacker(int port) {
    this.port = port;
  }

  /** Opens a connection and sends bytes on it; returns it open, whatever the server does. */
  Socket send(String bytes) throws IOException {
    Socket socket = connect(0);
    write(socket, bytes);
    return socket;
  }

  /**
   * Opens a connection.
   *
   * @param receiveBuffer how much the system takes from the server while nobody reads; 0 for the
   *     system's default
   */
  Socket connect(int receiveBuffer) throws IOException {
    Socket socket = new Socket();
    open.add(socket);
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.setSoTimeout(READ_MILLIS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
    return socket;
  }

  /** Opens one connection for each, and sends it. */
  void sendEach(int count, String bytes) throws IOException {
    for (int i = 0; i < count; i++) {
      send(bytes);
    }
  }

  static void write(Socket socket, String bytes) {
    try {
      socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
    } catch (IOException ended) {
      // By the server.
    }
  }

  /**
   * Sends bytes on a connection of their own, and returns all that comes until it ends or rests.
   */
  String exchange(String bytes) throws IOException {
    try (Socket socket = connect(0)) {
      write(socket, bytes);
      return rest(socket);
    } finally {
      open.removeIf(Socket::isClosed);
    }
  }

  private static String rest(Socket socket) {
    StringBuilder read = new StringBuilder();
    byte[] buffer = new byte[8192];
    try {
      for (int n = socket.getInputStream().read(buffer); n >= 0; ) {
        read.append(new String(buffer, 0, n, ISO_8859_1));
        n = socket.getInputStream().read(buffer);
      }
    } catch (SocketTimeoutException resting) {
      // Neither an answer nor an end; what has come is all.
    } catch (IOException ended) {
      // Reset by the server, after what has come.
    }
    return read.toString();
  }

  /** Hangs up on all connections at once, without a goodbye. */
  void reset() throws IOException {
    for (Socket socket : open) {
      socket.setSoLinger(true, 0);
      socket.close();
    }
    open.clear();
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : open) {
      socket.close();
    }
    open.clear();
  }
}
