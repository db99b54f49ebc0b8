package geecache.membership;

import java.net.SocketException;

/** The other end of a connection has no secret of this cluster, or somebody has written into it. */
final class NotSealedException extends SocketException {
  private static final long serialVersionUID = 1;

  NotSealedException() {
    super("what came is not sealed with the secret of this cluster");
  }
}
