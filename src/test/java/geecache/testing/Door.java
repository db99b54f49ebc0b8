package geecache.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.jspecify.annotations.Nullable;

/**
 * A port of 127.0.0.1 which is listened on while the door is open, and refuses connections while it
 * is shut. Not safe for use by several threads.
 */
final class Door implements AutoCloseable {
  private static final int BACKLOG = 200;

  private final Consumer<Socket> visitors;
  private final @Nullable SSLContext tls;
  private final List<Thread> porters = new ArrayList<>();
  private @Nullable ServerSocket listening;
  private @Nullable ReservedPort reserved;

  /** Written by the first {@link #open}; 0 before it, for any. */
  private int port;

  /**
   * Makes a door without a port.
   *
   * @param visitors takes each connection, on a thread of the door's; owns it from then on
   * @param tls of the server, which then demands a certificate of its clients; null for no TLS
   */
  Door(Consumer<Socket> visitors, @Nullable SSLContext tls) {
    this.visitors = visitors;
    this.tls = tls;
  }

  int port() {
    return port;
  }

  boolean isOpen() {
    return listening != null;
  }

  /** Listens, if it does not: the first time at any free port, then always at the same. */
  void open() {
    if (listening == null) {
      unreserve();
      ServerSocket socket = listen();
      listening = socket;
      port = socket.getLocalPort();
      porters.removeIf(porter -> !porter.isAlive());
      porters.add(Threads.start("porter-" + port, () -> accept(socket)));
    }
  }

  /** Does not listen. What waits to be accepted is reset. */
  void shut() {
    if (listening != null) {
      unlisten();
      reserved = new ReservedPort(port);
    }
  }

  /** Gives the port up. */
  @Override
  public void close() {
    unlisten();
    unreserve();
  }

  /** Returns the threads that may still hand visitors over. After a close they end. */
  List<Thread> porters() {
    return List.copyOf(porters);
  }

  private ServerSocket listen() {
    try {
      ServerSocket socket = tls == null ? new ServerSocket() : demanding(tls);
      try {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        return socket;
      } catch (IOException taken) {
        socket.close();
        throw taken;
      }
    } catch (IOException taken) {
      throw new UncheckedIOException("port " + port + " is gone", taken);
    }
  }

  private static ServerSocket demanding(SSLContext tls) throws IOException {
    SSLServerSocket socket = (SSLServerSocket) tls.getServerSocketFactory().createServerSocket();
    socket.setNeedClientAuth(true);
    return socket;
  }

  private void unlisten() {
    if (listening != null) {
      try {
        listening.close();
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
      listening = null;
    }
  }

  private void unreserve() {
    if (reserved != null) {
      reserved.close();
      reserved = null;
    }
  }

  private void accept(ServerSocket socket) {
    while (!socket.isClosed()) {
      try {
        visitors.accept(socket.accept());
      } catch (IOException closed) {
        // Or one visitor who left at once.
      }
    }
  }
}
