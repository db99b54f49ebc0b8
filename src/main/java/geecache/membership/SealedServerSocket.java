package geecache.membership;

import geecache.internal.DaemonThreads;
import geecache.internal.PoolThreads;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jgroups.util.Util;
import org.jspecify.annotations.Nullable;

/**
 * A server socket that accepts only connections which have proved themselves. Others are bounded in
 * number and time. A new one takes the place of the oldest, so that a stranger who only holds all
 * places keeps no node out. A flood of some hundred connections a second makes new nodes join
 * later; standing connections are untouched.
 */
final class SealedServerSocket extends ServerSocket {
  /** How many connections may be proving themselves; each has a thread meanwhile. */
  static final int MAX_UNPROVED = 32;

  private static final long PAUSE_NANOS = 100_000_000;
  private static final long CLOSE_MILLIS = 5_000;

  /** Where JGroups' greeting has the length of the sender's address, after cookie and version. */
  private static final int ADDRESS_AT = 8;

  private static final int IPV4_BYTES = 4;
  private static final int IPV6_BYTES = 16;
  private static final int SCOPE_BYTES = 4;
  private static final int PORT_BYTES = 2;

  private final Handshake handshake;
  private final Strangers strangers;
  private final LongSupplier nanos;
  private final int maxProved;
  private final int proofMillis;
  private final Thread acceptor = DaemonThreads.single("geecache-jgroups-acceptor", this::run);
  private final PoolThreads proverThreads = new PoolThreads("geecache-jgroups-prover-");
  private final ExecutorService provers;
  private final Semaphore places = new Semaphore(MAX_UNPROVED);
  private final BlockingQueue<SealedSocket> accepted = new LinkedBlockingQueue<>();

  /** The oldest first. Guarded by itself, as {@code proved}; no I/O runs under it. */
  private final Set<SealedSocket> unproved = new LinkedHashSet<>();

  /** Those that are open. */
  private final Set<SealedSocket> proved = new HashSet<>();

  /**
   * Makes a socket that is not bound.
   *
   * @param maxProved how many connections may be open that have proved themselves
   * @param proofMillis within which a connection has to prove itself
   */
  SealedServerSocket(
      Handshake handshake, Strangers strangers, LongSupplier nanos, int maxProved, int proofMillis)
      throws IOException {
    this(handshake, strangers, nanos, maxProved, proofMillis, UnaryOperator.identity());
  }

  /** Makes one whose threads are made by what {@code factory} returns, for tests. */
  SealedServerSocket(
      Handshake handshake,
      Strangers strangers,
      LongSupplier nanos,
      int maxProved,
      int proofMillis,
      UnaryOperator<ThreadFactory> factory)
      throws IOException {
    provers = Executors.newCachedThreadPool(factory.apply(proverThreads));
    this.maxProved = maxProved;
    this.proofMillis = proofMillis;
    this.handshake = handshake;
    this.strangers = strangers;
    this.nanos = nanos;
  }

  @Override
  public void bind(SocketAddress endpoint, int backlog) throws IOException {
    super.bind(endpoint, backlog);
    acceptor.start();
  }

  /** Waits for a connection that is proved, and whose other end has said who it is. */
  @Override
  public Socket accept() throws IOException {
    try {
      SealedSocket next = accepted.take();
      if (!isClosed()) {
        return next;
      }
      next.close();
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
    throw new SocketException("the server socket is closed");
  }

  private void run() {
    while (!isClosed()) {
      try {
        SealedSocket next =
            new SealedSocket(handshake, strangers, nanos, proofMillis, this::forget);
        implAccept(next);
        begin(next);
      } catch (Throwable failure) {
        if (!isClosed()) { // No file descriptor is left, say, or no thread is to be had.
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
    }
  }

  /** Gives a connection a place to prove itself in, if need be that of the oldest. */
  private void begin(SealedSocket next) {
    if (places.availablePermits() == 0) {
      Util.close(oldest());
    }
    places.acquireUninterruptibly(); // What was closed gives its place up at once.
    synchronized (unproved) {
      unproved.add(next);
    }
    try {
      provers.execute(() -> prove(next));
    } catch (Throwable failure) { // It is closing, or no thread is to be had.
      Util.close(next);
      places.release();
      throw failure;
    }
  }

  private @Nullable SealedSocket oldest() {
    synchronized (unproved) {
      return unproved.isEmpty() ? null : unproved.iterator().next();
    }
  }

  private void prove(SealedSocket next) {
    boolean kept = false;
    try {
      byte[] greeting = next.prove();
      kept = greeting != null && isWhole(greeting) && keep(next);
      if (kept) {
        accepted.add(next);
      }
    } catch (IOException stranger) {
      if (!isClosed()) {
        strangers.dropped(next.getRemoteSocketAddress());
      }
    } finally {
      if (!kept) {
        Util.close(next);
      }
      places.release();
    }
  }

  /**
   * Tells whether a first frame has all that JGroups reads while others wait for their turn: a
   * cookie, a version, and an address.
   */
  private static boolean isWhole(byte[] greeting) {
    if (greeting.length <= ADDRESS_AT) {
      return false;
    }
    int address = greeting[ADDRESS_AT] == IPV6_BYTES ? IPV6_BYTES + SCOPE_BYTES : IPV4_BYTES;
    return greeting.length >= ADDRESS_AT + 1 + address + PORT_BYTES;
  }

  private boolean keep(SealedSocket socket) {
    synchronized (unproved) {
      return unproved.remove(socket) && proved.size() < maxProved && proved.add(socket);
    }
  }

  private void forget(SealedSocket closed) {
    synchronized (unproved) {
      unproved.remove(closed);
      proved.remove(closed);
    }
  }

  /** Returns when all threads have ended, which is at once. */
  @Override
  public void close() throws IOException {
    super.close();
    provers.shutdown();
    List<SealedSocket> left = new ArrayList<>();
    synchronized (unproved) {
      left.addAll(unproved);
    }
    accepted.drainTo(left);
    left.forEach(Util::close);
    accepted.add(new SealedSocket(handshake, strangers, nanos)); // Wakes the thread that accepts.
    LockSupport.unpark(acceptor);
    try {
      acceptor.join(CLOSE_MILLIS);
      proverThreads.awaitEnd();
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
  }
}
