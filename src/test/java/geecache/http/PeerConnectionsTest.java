package geecache.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.http.PeerClient.Question;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What becomes of a request whose connection ends, and of an answer that was changed on its way.
 */
@Timeout(60)
class PeerConnectionsTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nGeecache-Status: ok\r\n";

  private final Peer peer = new Peer();
  private final PeerClient client =
      new PeerClient(
          7, PeerOptions.builder().timeout(Duration.ofSeconds(20)).connections(1).build());

  @AfterEach
  void close() {
    client.close();
    peer.close();
  }

  /** A request as the peer read it. */
  private record Asked(int connection, Map<String, String> headers) {
    String number() {
      return headers.get("Geecache-Peer");
    }
  }

  /**
   * Answers each request with the next of its answers, and ends the connection before an empty one
   * and after one that has no end.
   */
  private static final class Peer implements AutoCloseable {
    private static final String HALF = "HTTP/1.1 200";

    private final ServerSocket server;
    private final BlockingQueue<String> answers = new ArrayBlockingQueue<>(10);
    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    Peer() {
      try {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
      Thread porter = new Thread(this::accept, "peer");
      porter.setDaemon(true);
      porter.start();
    }

    private void accept() {
      try {
        while (true) {
          Socket socket = server.accept();
          sockets.add(socket);
          int number = sockets.size();
          Thread thread = new Thread(() -> serve(socket, number), "peer-" + number);
          thread.setDaemon(true);
          threads.add(thread);
          thread.start();
        }
      } catch (IOException closed) {
        // The test is over.
      }
    }

    private void serve(Socket socket, int number) {
      try (socket) {
        BufferedReader in =
            new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
        while (in.readLine() != null) {
          Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
          for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            headers.put(line.replaceFirst(":.*", ""), line.replaceFirst("[^:]*: *", ""));
          }
          asked.add(new Asked(number, headers));
          String answer = answers.take();
          String own = "00000000000000ff" + headers.get("Geecache-Peer").substring(16);
          socket.getOutputStream().write(answer.replace("OWN", own).getBytes(ISO_8859_1));
          if (answer.isEmpty() || answer.equals(HALF)) {
            return;
          }
        }
      } catch (IOException gone) {
        // The client has closed the connection.
      } catch (InterruptedException interrupt) {
        Thread.currentThread().interrupt();
      }
    }

    /** Ends a connection. Until its thread has noticed, that would read one more request. */
    void end(int connection) throws Exception {
      sockets.get(connection - 1).close();
      threads.get(connection - 1).join();
    }

    @Override
    public void close() {
      try {
        server.close();
        for (Socket socket : sockets) {
          socket.close();
        }
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }

  private static String answer(String body, String... headers) {
    List<String> lines = new ArrayList<>(List.of(headers));
    lines.add("Geecache-Peer: OWN");
    lines.add("Content-Length: " + body.length());
    return OK + String.join("\r\n", lines) + "\r\n\r\n" + body;
  }

  private String ask(String... answers) throws IOException {
    peer.answers.addAll(List.of(answers));
    URI url = URI.create("http://127.0.0.1:" + peer.server.getLocalPort());
    Question question = Question.get(url, "/k", new String[0], Duration.ofMinutes(1));
    return client.ask(question, reply -> new String(reply.bytes(100), ISO_8859_1));
  }

  private List<Integer> connections() {
    return peer.asked.stream().map(Asked::connection).toList();
  }

  @Test
  void whatAKeptConnectionLostIsAskedOnceMoreOverANewOneUnderTheSameNumber() throws Exception {
    assertThat(ask(answer("one"))).isEqualTo("one");
    assertThat(ask("", answer("two"))).isEqualTo("two");
    assertThat(ask(answer("three"))).isEqualTo("three");

    assertThat(connections()).containsExactly(1, 1, 2, 2);
    assertThat(peer.asked.get(2).number()).isEqualTo(peer.asked.get(1).number());
    assertThat(peer.asked.get(3).number()).isNotEqualTo(peer.asked.get(2).number());
  }

  @Test
  void aConnectionThatEndedMeanwhileIsReplaced() throws Exception {
    assertThat(ask(answer("one"))).isEqualTo("one");
    peer.end(1);
    assertThat(ask(answer("two"))).isEqualTo("two");
    assertThat(connections()).containsExactly(1, 2);
  }

  @Test
  void whatANewConnectionLostIsNotAskedAgain() {
    assertThatThrownBy(() -> ask("", answer("never"))).isInstanceOf(IOException.class);
    assertThat(connections()).containsExactly(1);
  }

  @Test
  void nothingIsAskedAThirdTime() throws Exception {
    ask(answer("one"));
    assertThatThrownBy(() -> ask("", "", answer("never"))).isInstanceOf(IOException.class);
    assertThat(connections()).containsExactly(1, 1, 2);
  }

  @Test
  void whatWasAnsweredInPartIsNotAskedAgain() throws Exception {
    ask(answer("one"));
    assertThatThrownBy(() -> ask(Peer.HALF, answer("never"))).isInstanceOf(IOException.class);
    assertThat(connections()).containsExactly(1, 1);
  }

  @Test
  void aConnectionIsKeptForAsLongAsThePeerSays() throws Exception {
    ask(answer("one", "Keep-Alive: timeout=60"));
    ask(answer("two", "Keep-Alive: timeout=0"));
    ask(answer("three", "Connection: close"));
    ask(answer("four"));
    assertThat(connections()).containsExactly(1, 1, 2, 3);
  }

  @Test
  void anAnswerThatIsCompressedIsThePeersFailureAndNamed() throws Exception {
    for (String coding : List.of("gzip", "br", "identity, gzip")) {
      assertThatThrownBy(() -> ask(answer("gibberish", "Content-Encoding: " + coding)))
          .isInstanceOf(geecache.cluster.LinkFailure.class)
          .hasMessageStartingWith("its answer has Content-Encoding " + coding);
    }
    assertThat(ask(answer("630", "Content-Encoding: Identity"))).isEqualTo("630");
    assertThat(peer.asked)
        .allSatisfy(
            each -> assertThat(each.headers()).containsEntry("Accept-Encoding", "identity"));
  }
}
