package geecache.faults;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;

/**
 * The way from one node to another: a relay of TCP connections, which can be cut. Safe for use by
 * many threads.
 */
final class Link implements AutoCloseable {
  /** How it treats its connections. */
  enum State {
    /** What one side sends, the other gets. */
    OPEN,
    /** All takes a while longer, and may so be outrun by what goes another way. */
    SLOW,
    /** Packets are lost: nothing comes through, and what was sent meanwhile comes afterwards. */
    SILENT,
    /** Connections end with a reset, and so does each attempt to make one. */
    CUT
  }

  private static final int BUFFER = 16 << 10;
  private static final long SLOW_MILLIS = 400;

  private final ServerSocket listening;
  private final InetSocketAddress target;

  /** Guarded by {@code this}, as the sockets are. */
  private State state = State.OPEN;

  private final Set<Socket> sockets = new HashSet<>();
  private boolean closed;

  /** Relays what comes to {@code address} to the same port of 127.0.0.1. */
  Link(InetAddress address, int port) throws IOException {
    listening = new ServerSocket(port, 0, address);
    target = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    thread(this::accept);
  }

  private static void thread(Runnable task) {
    Thread thread = new Thread(task, "link");
    thread.setDaemon(true);
    thread.start();
  }

  synchronized void become(State next) {
    state = next;
    if (next == State.CUT) {
      Set.copyOf(sockets).forEach(this::reset);
    }
    notifyAll();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        relay(listening.accept());
      } catch (IOException closedOrGone) {
        continue;
      }
    }
  }

  private void relay(Socket from) throws IOException {
    Socket to = new Socket();
    if (!add(from)) {
      return;
    }
    try {
      to.connect(target);
    } catch (IOException nobodyThere) {
      reset(from);
      return;
    }
    if (!add(to)) {
      reset(from);
      return;
    }
    from.setTcpNoDelay(true);
    to.setTcpNoDelay(true);
    thread(() -> copy(from, to));
    thread(() -> copy(to, from));
  }

  /** Resets a connection that comes to a cut link. */
  private synchronized boolean add(Socket socket) {
    sockets.add(socket);
    if (state == State.CUT || closed) {
      reset(socket);
      return false;
    }
    return true;
  }

  private void copy(Socket from, Socket to) {
    byte[] buffer = new byte[BUFFER];
    try {
      for (int n = from.getInputStream().read(buffer); n >= 0; ) {
        if (awaitOpen() == State.SLOW) {
          Thread.sleep(SLOW_MILLIS);
        }
        to.getOutputStream().write(buffer, 0, n);
        n = from.getInputStream().read(buffer);
      }
      awaitOpen();
      to.shutdownOutput();
      if (from.isOutputShutdown()) { // The other direction is over as well.
        close(from);
        close(to);
      }
    } catch (IOException | InterruptedException over) {
      reset(from);
      reset(to);
    }
  }

  private synchronized State awaitOpen() throws InterruptedException {
    while (state == State.SILENT && !closed) {
      wait();
    }
    return state;
  }

  private synchronized void close(Socket socket) {
    sockets.remove(socket);
    try {
      socket.close();
    } catch (IOException gone) {
      return;
    }
  }

  private synchronized void reset(Socket socket) {
    sockets.remove(socket);
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException gone) {
      return;
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    synchronized (this) {
      closed = true;
      notifyAll();
      Set.copyOf(sockets).forEach(this::reset);
    }
  }
}
