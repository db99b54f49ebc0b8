package geecache.source;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Passes bytes on to a port of 127.0.0.1 until it falls silent: then all connections stay open, at
 * both ends, and nothing comes through any more.
 */
final class SilentProxy implements AutoCloseable {
  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private final int target;
  private volatile boolean silent;

  SilentProxy(int target) throws IOException {
    this.target = target;
    run("geecache-proxy", this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  void fallSilent() {
    silent = true;
  }

  private void accept() throws IOException {
    while (!server.isClosed()) {
      Socket near = server.accept();
      open.add(near);
      Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
      open.add(far);
      run("geecache-proxy-there", () -> pass(near, far));
      run("geecache-proxy-back", () -> pass(far, near));
    }
  }

  private void pass(Socket from, Socket to) throws IOException {
    byte[] buffer = new byte[8192];
    InputStream in = from.getInputStream();
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      if (!silent) {
        to.getOutputStream().write(buffer, 0, read);
      }
    }
    if (!silent) {
      to.close();
    }
  }

  private interface Step {
    void take() throws IOException;
  }

  private static void run(String name, Step step) {
    Thread thread =
        new Thread(
            () -> {
              try {
                step.take();
              } catch (IOException closed) {
                return;
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
