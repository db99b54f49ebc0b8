package geecache.membership;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.jgroups.util.DefaultSocketFactory;
import org.jgroups.util.Util;

/**
 * Gives JGroups' TCP sealed sockets, in the two ways in which it asks for sockets. So JGroups reads
 * nothing that was not sealed, the address by which a peer introduces itself included.
 */
final class SealedSockets extends DefaultSocketFactory {
  /** How many connections others may have made that have proved themselves; each has a thread. */
  static final int MAX_CONNECTIONS = 1_024;

  private final Handshake handshake;
  private final Strangers strangers;
  private final LongSupplier nanos;

  /** Within which those who connect have to prove themselves; written by tests alone. */
  int proofMillis = SealedSocket.PROOF_MILLIS;

  private final List<ServerSocket> servers = new CopyOnWriteArrayList<>();

  SealedSockets(SealingKeys keys, Strangers strangers, LongSupplier nanos) {
    handshake = new Handshake(keys, new SecureRandom());
    this.strangers = strangers;
    this.nanos = nanos;
  }

  @Override
  public Socket createSocket(String service) {
    return new SealedSocket(handshake, strangers, nanos);
  }

  @Override
  public ServerSocket createServerSocket(String service) throws IOException {
    ServerSocket made =
        new SealedServerSocket(handshake, strangers, nanos, MAX_CONNECTIONS, proofMillis);
    servers.add(made);
    return made;
  }

  /** Closes the server sockets, one that JGroups has made and never started among them. */
  void closeServers() {
    servers.forEach(Util::close);
    servers.clear();
  }
}
