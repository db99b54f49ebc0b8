package geecache.membership;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A socket whose streams are sealed. Neither is to be had before both ends have proved themselves,
 * which {@link #connect} waits for.
 */
final class SealedSocket extends Socket {
  /** What both ends have to show is to be there within this time. */
  static final int PROOF_MILLIS = 2_000;

  private final Handshake handshake;
  private final Strangers strangers;
  private final LongSupplier nanos;
  private final int proofMillis;
  private final Consumer<SealedSocket> onClose;

  /** Set before the socket is handed to the thread that uses it. */
  private Handshake.@Nullable Streams streams;

  private boolean closed;

  /** Makes a socket to connect. */
  SealedSocket(Handshake handshake, Strangers strangers, LongSupplier nanos) {
    this.handshake = handshake;
    this.strangers = strangers;
    this.nanos = nanos;
    proofMillis = PROOF_MILLIS;
    onClose = closed -> {};
  }

  /**
   * Makes a socket for a server to accept.
   *
   * @param proofMillis within which the other end has to prove itself
   * @param onClose run once
   */
  SealedSocket(
      Handshake handshake,
      Strangers strangers,
      LongSupplier nanos,
      int proofMillis,
      Consumer<SealedSocket> onClose)
      throws SocketException {
    super((SocketImpl) null);
    this.handshake = handshake;
    this.strangers = strangers;
    this.nanos = nanos;
    this.proofMillis = proofMillis;
    this.onClose = onClose;
  }

  @Override
  public void connect(SocketAddress endpoint, int timeout) throws IOException {
    super.connect(endpoint, timeout);
    int limit = timeout == 0 ? proofMillis : timeout;
    try (Deadline deadline = new Deadline(super.getInputStream(), limit)) {
      streams = handshake.asClient(deadline, super.getOutputStream());
      streams.in().onForged(() -> strangers.dropped(endpoint));
    } catch (IOException unproved) {
      if (unproved instanceof NotSealedException) {
        strangers.dropped(endpoint);
      }
      ConnectException failure =
          new ConnectException("no node with the secret of this cluster answers at " + endpoint);
      failure.initCause(unproved);
      throw failure;
    }
  }

  /**
   * Proves both ends of a socket that was accepted, and waits for the first frame.
   *
   * @return that frame, which is not read yet; null if the other end closes without a word
   * @throws IOException if that is not done in time, or if the other end has no secret
   */
  byte @Nullable [] prove() throws IOException {
    try (Deadline deadline = new Deadline(super.getInputStream(), proofMillis)) {
      streams = handshake.asServer(deadline, super.getOutputStream());
      if (streams == null) {
        return null;
      }
      byte[] first = streams.in().peek();
      streams.in().onForged(() -> strangers.dropped(getRemoteSocketAddress()));
      return first;
    }
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return proved().in();
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return proved().out();
  }

  private Handshake.Streams proved() throws SocketException {
    if (streams == null) {
      throw new SocketException("the socket is not connected");
    }
    return streams;
  }

  @Override
  public void close() throws IOException {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    onClose.accept(this);
    super.close();
  }

  /** The raw input, each read of which has what is left of the time; closed when it is proved. */
  private final class Deadline extends FilterInputStream {
    private final long end;
    private boolean over;

    Deadline(InputStream in, int millis) {
      super(in);
      end = nanos.getAsLong() + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Override
    public int read() throws IOException {
      hasten();
      return in.read();
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      hasten();
      return in.read(into, offset, length);
    }

    private void hasten() throws IOException {
      if (over) {
        return;
      }
      long left = TimeUnit.NANOSECONDS.toMillis(end - nanos.getAsLong());
      if (left <= 0) {
        throw new SocketTimeoutException("the other end has not proved itself in time");
      }
      setSoTimeout((int) left);
    }

    /** Lifts the limit; the input stays open. */
    @Override
    public void close() throws IOException {
      over = true;
      if (!isClosed()) {
        setSoTimeout(0);
      }
    }
  }
}
