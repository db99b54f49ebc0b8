package geecache.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.LiveThreads;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SealedServerSocketTest {
  private static final int MAX = 3;
  private static final int PATIENCE_MILLIS = 30_000;

  /** A cookie, a version, and an address of IPv4 with its length and a port. */
  private static final byte[] GREETING = {1, 2, 3, 4, 0, 1, 0, 7, 4, 127, 0, 0, 1, 0, 1};

  private final Handshake handshake =
      new Handshake(
          new SealingKeys(List.of("the-secret-of-this-cluster"), "c"), new SecureRandom());
  private final Strangers strangers = new Strangers();
  private SealedServerSocket server;

  private SocketAddress listen() throws IOException {
    return listen(System::nanoTime, PATIENCE_MILLIS);
  }

  private SocketAddress listen(LongSupplier nanos, int proofMillis) throws IOException {
    server = new SealedServerSocket(handshake, strangers, nanos, MAX, proofMillis);
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return server.getLocalSocketAddress();
  }

  private SealedSocket connect(SocketAddress to) throws IOException {
    SealedSocket socket = new SealedSocket(handshake, strangers, System::nanoTime);
    socket.connect(to, PATIENCE_MILLIS);
    return socket;
  }

  private static void say(Socket socket, byte... bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  private static void assertEnds(Socket socket) throws IOException {
    socket.setSoTimeout(PATIENCE_MILLIS);
    try {
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    } catch (SocketException reset) {
      // As well.
    }
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  @Test
  void oneThatGreetsIsAcceptedAndReadsOn() throws Exception {
    SocketAddress at = listen();
    try (SealedSocket client = connect(at)) {
      say(client, GREETING);
      try (Socket accepted = server.accept()) {
        assertThat(accepted.getSoTimeout()).isZero();
        assertThat(accepted.getInputStream().readNBytes(GREETING.length)).isEqualTo(GREETING);
        say(client, (byte) 5);
        assertThat(accepted.getInputStream().read()).isEqualTo(5);
        say(accepted, (byte) 6);
        assertThat(client.getInputStream().read()).isEqualTo(6);
      }
      assertEnds(client);
    }
    assertThat(strangers.dropped()).isZero();
  }

  /** Else it would keep the one thread that accepts waiting. */
  @Test
  void oneThatGreetsInPartIsNotAccepted() throws Exception {
    SocketAddress at = listen(System::nanoTime, SealedSocket.PROOF_MILLIS);
    for (int length : new int[] {1, 8, 9, GREETING.length - 1}) {
      try (SealedSocket client = connect(at)) {
        say(client, java.util.Arrays.copyOf(GREETING, length));
        assertEnds(client);
      }
    }
  }

  /** Each byte comes in time, and all of them do not. */
  @Test
  void theProofHasOneDeadline() throws Exception {
    AtomicLong clock = new AtomicLong();
    long step = TimeUnit.MILLISECONDS.toNanos(SealedSocket.PROOF_MILLIS / 3);
    SocketAddress at = listen(() -> clock.getAndAdd(step), SealedSocket.PROOF_MILLIS);
    try (Socket client = new Socket()) {
      client.connect(at);
      for (int i = 0; i < 4; i++) {
        say(client, (byte) 'g');
      }
      assertEnds(client);
    }
    Awaitility.await().until(() -> strangers.dropped() == 1);
  }

  @Test
  void connectionsThatAreProvedAreBounded() throws Exception {
    SocketAddress at = listen();
    SealedSocket[] clients = new SealedSocket[MAX];
    Socket[] accepted = new Socket[MAX];
    for (int i = 0; i < MAX; i++) {
      clients[i] = connect(at);
      say(clients[i], GREETING);
      accepted[i] = server.accept();
    }
    try (SealedSocket tooMany = connect(at)) {
      say(tooMany, GREETING);
      assertEnds(tooMany);
    }
    accepted[0].close(); // And makes room.
    try (SealedSocket next = connect(at)) {
      say(next, GREETING);
      server.accept().close();
    }
    for (int i = 0; i < MAX; i++) {
      clients[i].close();
      accepted[i].close();
    }
  }

  @Test
  void aServerWithoutTheSecretIsNotConnectedTo() throws Exception {
    SocketAddress at = listen();
    Handshake another =
        new Handshake(new SealingKeys(List.of("another-of-the-secrets"), "c"), new SecureRandom());
    try (SealedSocket client = new SealedSocket(another, new Strangers(), System::nanoTime)) {
      assertThatThrownBy(() -> client.connect(at, PATIENCE_MILLIS))
          .isInstanceOf(ConnectException.class)
          .hasMessage("no node with the secret of this cluster answers at " + at);
      assertThatThrownBy(client::getInputStream).isInstanceOf(SocketException.class);
    }
    Awaitility.await().until(() -> strangers.dropped() == 1);
  }

  /** As many times as there are places, so that none of them may be lost. */
  @Test
  void aMomentWithoutThreadsIsSurvived() throws Exception {
    AtomicInteger lacking = new AtomicInteger(SealedServerSocket.MAX_UNPROVED);
    server =
        new SealedServerSocket(
            handshake,
            strangers,
            System::nanoTime,
            MAX,
            PATIENCE_MILLIS,
            threads ->
                task -> {
                  if (lacking.getAndDecrement() > 0) {
                    throw new OutOfMemoryError("unable to create native thread");
                  }
                  return threads.newThread(task);
                });
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    for (int i = 0; i < SealedServerSocket.MAX_UNPROVED; i++) {
      try (Socket without = new Socket()) {
        without.connect(server.getLocalSocketAddress());
        assertEnds(without);
      }
    }
    try (SealedSocket client = connect(server.getLocalSocketAddress())) {
      say(client, GREETING);
      server.accept().close();
    }
  }

  @Test
  void nothingIsLeftOfOneThatIsClosed() throws Exception {
    SocketAddress at = listen();
    CompletableFuture<Throwable> accepting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return new AssertionError(server.accept());
              } catch (IOException closed) {
                return closed;
              }
            });
    try (Socket silent = new Socket()) {
      silent.connect(at);
      say(silent, (byte) 'g');
      Awaitility.await().until(() -> !LiveThreads.named("geecache-jgroups-prover").isEmpty());
      server.close();
      // A container looks as soon as that returns.
      assertThat(LiveThreads.named("geecache-jgroups-")).isEmpty();
      assertThat(accepting.get()).isInstanceOf(SocketException.class);
      assertEnds(silent);
    }
    assertThat(strangers.dropped()).isZero();
  }
}
