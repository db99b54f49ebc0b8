package geecache.bench.remote;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/**
 * Where the two sides of a system listen, seen from one of them.
 *
 * @param here this side's port
 * @param there the other's
 */
record Ends(int here, int there) {
  static final String HOST = "127.0.0.1";

  /** Two ports that are free now. */
  static Ends free() throws IOException {
    InetAddress address = InetAddress.getByName(HOST);
    try (ServerSocket one = new ServerSocket(0, 1, address);
        ServerSocket two = new ServerSocket(0, 1, address)) {
      return new Ends(one.getLocalPort(), two.getLocalPort());
    }
  }

  /** As the other side sees it. */
  Ends turned() {
    return new Ends(there, here);
  }
}
