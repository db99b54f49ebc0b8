package geecache;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of 127.0.0.1 for servers that have to be told theirs before they start. They lie below
 * those that systems give to whoever connects: one of those may be taken by any connection, of any
 * process, before its server has started.
 */
public final class FreePorts {
  private static final int LOWEST = 20_000;
  private static final int PAST_HIGHEST = 32_768;

  private FreePorts() {}

  /** Returns so many that nobody listens at now. */
  public static int[] of(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      while (sockets.size() < count) {
        int port = ThreadLocalRandom.current().nextInt(LOWEST, PAST_HIGHEST);
        try {
          sockets.add(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
        } catch (BindException taken) {
          continue; // There are thousands.
        }
      }
      return sockets.stream().mapToInt(ServerSocket::getLocalPort).toArray();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  /** Returns one that nobody listens at now. */
  public static int one() throws IOException {
    return of(1)[0];
  }
}
