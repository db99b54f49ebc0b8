package geecache.membership;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Message;
import org.xbill.DNS.io.IoClientFactory;
import org.xbill.DNS.io.TcpIoClient;
import org.xbill.DNS.io.UdpIoClient;

/**
 * Sends queries to name servers on the calling thread. dnsjava's own client would leave a thread
 * and a shutdown hook behind, which all its users in a class loader share.
 */
final class BlockingIo implements IoClientFactory, UdpIoClient, TcpIoClient, Closeable {
  /** Guards the two fields below. Nothing blocks under it. */
  private final Object lock = new Object();

  private @Nullable Closeable open;
  private boolean closed;

  @Override
  public UdpIoClient createOrGetUdpClient() {
    return this;
  }

  @Override
  public TcpIoClient createOrGetTcpClient() {
    return this;
  }

  @Override
  public CompletableFuture<byte[]> sendAndReceiveUdp(
      @Nullable InetSocketAddress local,
      InetSocketAddress remote,
      Message query,
      byte[] data,
      int max,
      Duration timeout) {
    try (DatagramSocket socket = opened(new DatagramSocket())) {
      socket.connect(remote); // Only answers from this server are accepted.
      socket.setSoTimeout(Math.toIntExact(timeout.toMillis()));
      socket.send(new DatagramPacket(data, data.length));
      byte[] buffer = new byte[max];
      DatagramPacket answer = new DatagramPacket(buffer, max);
      socket.receive(answer);
      return CompletableFuture.completedFuture(Arrays.copyOf(buffer, answer.getLength()));
    } catch (IOException failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  @Override
  public CompletableFuture<byte[]> sendAndReceiveTcp(
      @Nullable InetSocketAddress local,
      InetSocketAddress remote,
      Message query,
      byte[] data,
      Duration timeout) {
    int millis = Math.toIntExact(timeout.toMillis());
    try (Socket socket = opened(new Socket())) {
      socket.setSoTimeout(millis);
      socket.connect(remote, millis);
      ByteBuffer framed = ByteBuffer.allocate(Short.BYTES + data.length);
      framed.putShort((short) data.length).put(data);
      socket.getOutputStream().write(framed.array());
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] answer = new byte[in.readUnsignedShort()];
      in.readFully(answer);
      return CompletableFuture.completedFuture(answer);
    } catch (IOException failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  private <T extends Closeable> T opened(T socket) throws IOException {
    synchronized (lock) {
      if (closed) {
        socket.close();
        throw new SocketException("closed");
      }
      open = socket;
      return socket;
    }
  }

  /** Ends the query that is under way. All later ones fail. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      try {
        if (open != null) {
          open.close();
        }
      } catch (IOException impossible) {
        // The reader of the socket gets the failure.
      }
    }
  }
}
