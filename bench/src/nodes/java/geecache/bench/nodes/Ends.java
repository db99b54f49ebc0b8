package geecache.bench.nodes;

import java.io.IOException;

/**
 * Where the two sides of a system listen, seen from one of them.
 *
 * @param here this side's port
 * @param there the other's
 */
public record Ends(int here, int there) {
  public static final String HOST = "127.0.0.1";

  /** Two ports that are free now. */
  public static Ends free() throws IOException {
    int[] ports = Ports.free(2);
    return new Ends(ports[0], ports[1]);
  }

  /** As the other side sees it. */
  public Ends turned() {
    return new Ends(there, here);
  }
}
