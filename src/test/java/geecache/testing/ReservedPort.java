package geecache.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps a port of 127.0.0.1 on which nobody listens for the time being: connecting to it is
 * refused, and the system gives it neither to another server nor to a client's end of a connection.
 */
final class ReservedPort implements AutoCloseable {
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long RETRY_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  private final Socket holder;

  /**
   * Takes a port that was listened on until now. Blocks for as long as a thread is still on its way
   * out of {@code accept}, which keeps the listening socket open: nobody listens when this returns.
   */
  ReservedPort(int port) {
    long begun = System.nanoTime();
    Socket bound = null;
    while (bound == null) {
      try {
        bound = bind(port);
      } catch (IOException taken) {
        if (System.nanoTime() - begun > LIMIT_NANOS) {
          throw new UncheckedIOException("port " + port + " is gone", taken);
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
    holder = bound;
  }

  private static Socket bind(int port) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setReuseAddress(true); // Connections of the former listener may be on their way out.
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return socket;
    } catch (IOException taken) {
      socket.close();
      throw taken;
    }
  }

  @Override
  public void close() {
    try {
      holder.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
