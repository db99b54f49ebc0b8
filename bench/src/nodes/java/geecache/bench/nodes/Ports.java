package geecache.bench.nodes;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Ports to listen at. */
public final class Ports {
  private Ports() {}

  /** Returns so many, all different, that are free now. */
  public static int[] free(int count) throws IOException {
    InetAddress address = InetAddress.getByName(Ends.HOST);
    List<ServerSocket> open = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        open.add(new ServerSocket(0, 1, address));
      }
      return open.stream().mapToInt(ServerSocket::getLocalPort).toArray();
    } finally {
      for (ServerSocket each : open) {
        each.close();
      }
    }
  }
}
