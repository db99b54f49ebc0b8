package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.Callers;
import geecache.Certificates;
import geecache.http.PeerClient.Question;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.apache.hc.core5.util.TimeValue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections over TLS, before a peer that does no more than it must. */
@Timeout(60)
class PeerClientTlsTest {
  private static final Duration LONG = Duration.ofMinutes(10);

  @TempDir private static Path made;
  private static SSLContext tls;

  /** How often a client has asked for a context: how many connections it made. */
  private final AtomicInteger connections = new AtomicInteger();

  @BeforeAll
  static void make() throws Exception {
    Certificates certificates = new Certificates(made, "ours");
    tls = certificates.server(certificates.node("node"));
  }

  private PeerClient client(Duration silence, TimeValue life) {
    return new PeerClient(
        1,
        PeerOptions.builder()
            .timeout(silence)
            .tls(
                () -> {
                  connections.incrementAndGet();
                  return tls;
                })
            .build(),
        life);
  }

  private static ServerSocket listening(ServerSocket socket) throws IOException {
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return socket;
  }

  private static String ask(PeerClient client, ServerSocket server) throws IOException {
    URI peer = URI.create("https://127.0.0.1:" + server.getLocalPort());
    return client.ask(
        Question.get(peer, "/", new String[0], LONG),
        reply -> new String(reply.bytes(10), US_ASCII));
  }

  /** Answers all requests of all connections, and closes none. */
  private static Void answer(ServerSocket server) throws IOException {
    while (true) {
      Socket socket;
      try {
        socket = server.accept();
      } catch (IOException closed) {
        return null;
      }
      Thread thread = new Thread(() -> answer(socket));
      thread.setDaemon(true);
      thread.start();
    }
  }

  private static void answer(Socket socket) {
    try {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
      String mark = "";
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.startsWith(PeerHeaders.SENDER)) {
          mark = line;
        } else if (line.isEmpty()) {
          String head =
              "HTTP/1.1 200 OK\r\nGeecache-Status: ok\r\n%s\r\nContent-Length: 3\r\n\r\n630";
          socket.getOutputStream().write(head.formatted(mark).getBytes(US_ASCII));
        }
      }
      new CountDownLatch(1).await(); // It says nothing to the end of the client, and closes not.
    } catch (IOException | InterruptedException gone) {
      // As the test ends.
    }
  }

  private ServerSocket tlsServer() throws IOException {
    return listening(tls.getServerSocketFactory().createServerSocket());
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void eitherVersionIsSpoken(String version) throws Exception {
    try (Callers callers = new Callers();
        SSLServerSocket server =
            (SSLServerSocket) tls.getServerSocketFactory().createServerSocket();
        PeerClient client = client(Duration.ofSeconds(30), TimeValue.ofMinutes(10))) {
      server.setEnabledProtocols(new String[] {version});
      server.setNeedClientAuth(true);
      listening(server);
      callers.call(() -> answer(server));
      assertThat(ask(client, server)).isEqualTo("630");
    }
  }

  @Test
  void aPeerThatDoesNotAnswerTheHandshakeIsSilent() throws Exception {
    try (ServerSocket mute = listening(new ServerSocket());
        PeerClient client = client(Duration.ofMillis(500), TimeValue.ofMinutes(1))) {
      assertThatThrownBy(() -> ask(client, mute))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("timed out");
    }
  }

  @Test
  void aRequestIsGivenUpInTheMidstOfAHandshake() throws Exception {
    try (Callers callers = new Callers();
        ServerSocket mute = listening(new ServerSocket());
        PeerClient client = client(LONG, TimeValue.ofMinutes(1))) {
      CompletableFuture<String> asked = callers.call(() -> ask(client, mute));
      await().until(() -> connections.get() == 1);
      try (Socket shaking = mute.accept()) {
        assertThat(shaking.getInputStream().read()).isPositive();
        client.giveUp(URI.create("https://127.0.0.1:" + mute.getLocalPort()));
        assertThatThrownBy(() -> result(asked)).isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void connectionsAreKeptAndUsedForTheirTimeAlone() throws Exception {
    try (Callers callers = new Callers();
        ServerSocket server = tlsServer();
        PeerClient keeping = client(Duration.ofSeconds(30), TimeValue.ofMinutes(10));
        PeerClient changing = client(Duration.ofSeconds(30), TimeValue.ofMilliseconds(1))) {
      callers.call(() -> answer(server));
      for (int i = 0; i < 20; i++) {
        assertThat(ask(keeping, server)).isEqualTo("630");
      }
      assertThat(connections).hasValue(1);
      await()
          .untilAsserted(
              () -> {
                assertThat(ask(changing, server)).isEqualTo("630");
                assertThat(connections).hasValueGreaterThan(3);
              });
    }
  }

  /** The timer closes them, and must not wait for a peer. */
  @Test
  void idleConnectionsAreClosedWithoutWaitingForThePeer() throws Exception {
    try (Callers callers = new Callers();
        ServerSocket server = tlsServer();
        PeerClient client = client(LONG, TimeValue.ofMinutes(10))) {
      callers.call(() -> answer(server));
      assertThat(ask(client, server)).isEqualTo("630");
      client.closeIdle();
      assertThat(ask(client, server)).isEqualTo("630");
      assertThat(connections).hasValue(2);
    }
  }
}
