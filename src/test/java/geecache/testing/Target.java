package geecache.testing;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * The connection to the node behind a front, for one connection of a client: opened when it is
 * needed, and again where the node has closed it meanwhile. For use by one thread, but for {@link
 * #close}.
 */
final class Target implements Closeable {
  private final InetSocketAddress address;
  private @Nullable InputStream in;

  /** Guarded by this, so that none is left open after {@link #close}. */
  private @Nullable SocketChannel channel;

  /** Guarded by this. */
  private boolean closed;

  Target(InetSocketAddress address) {
    this.address = address;
  }

  /** Returns where to write a request, over a connection that the node has not closed yet. */
  OutputStream open() throws IOException {
    SocketChannel current = channel();
    if (current == null || isStale(current)) {
      current = connect();
      in = new BufferedInputStream(current.socket().getInputStream());
    }
    return current.socket().getOutputStream();
  }

  /** Returns what the node answers, after the head that was read last. */
  InputStream in() {
    if (in == null) {
      throw new IllegalStateException("not open");
    }
    return in;
  }

  /** Reads the next head, which must come. */
  Head head() throws IOException {
    Head head = Head.read(in());
    if (head == null) {
      throw new EOFException("the node left without an answer");
    }
    return head;
  }

  private synchronized @Nullable SocketChannel channel() {
    return channel;
  }

  private SocketChannel connect() throws IOException {
    SocketChannel fresh = SocketChannel.open();
    replace(fresh);
    fresh.connect(address);
    fresh.socket().setTcpNoDelay(true);
    return fresh;
  }

  private synchronized void replace(SocketChannel fresh) throws IOException {
    if (channel != null) {
      channel.close();
    }
    channel = fresh;
    if (closed) {
      fresh.close();
    }
  }

  /** Between two answers there is nothing to read but the end. */
  private static boolean isStale(SocketChannel idle) throws IOException {
    idle.configureBlocking(false);
    try {
      return idle.read(ByteBuffer.allocate(1)) != 0;
    } catch (IOException reset) {
      return true;
    } finally {
      idle.configureBlocking(true);
    }
  }

  /** Ends what {@link #open} gave, at whatever it is. Any thread may call it. */
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    if (channel != null) {
      channel.close();
    }
  }
}
