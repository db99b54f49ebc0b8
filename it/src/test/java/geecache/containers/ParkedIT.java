package geecache.containers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Requests that wait for a load hold no thread of the container: both have 200 by default, and are
 * given 5,000 such requests at once.
 */
class ParkedIT {
  private static final int REQUESTS = 5_000;

  @Test
  void tomcatAnswersHitsWhileFiveThousandRequestsAreParked() throws IOException {
    assertAnswersWhileParked(new Tomcat("parked-tomcat11", "apache-tomcat-11."));
  }

  @Test
  void jettyAnswersHitsWhileFiveThousandRequestsAreParked() throws IOException {
    assertAnswersWhileParked(new Jetty("parked-jetty12", "jetty-home-12.", "ee10-deploy"));
  }

  private static void assertAnswersWhileParked(Container container) throws IOException {
    List<Socket> parked = new ArrayList<>();
    try (container) {
      container.start();
      Path war = new Wars(container.instance().resolve("wars")).library();
      container.deploy(war, Site.LIBRARY.contextPath());
      Wire wire = new Wire(container.port());
      Awaitility.await("the application")
          .atMost(Duration.ofMinutes(2))
          .until(() -> wire.answers(gate("warm")));

      String slow = wire.head("GET", gate("slow")) + "\r\n";
      parked.addAll(sendAll(wire, slow));
      Awaitility.await("all requests to be parked")
          .atMost(Duration.ofMinutes(2))
          .until(() -> wire.get(gate("joined")).text().equals(String.valueOf(REQUESTS - 1)));

      Answer hit = wire.get(gate("warm"));
      assertThat(hit.code()).isEqualTo(200);
      assertThat(hit.header("Cache-Status")).isEqualTo("geecache; hit");
      assertThat(wire.get(gate("another")).text()).as("another load").isEqualTo("another");

      assertThat(wire.get(gate("open")).code()).isEqualTo(200);
      for (Socket socket : parked) {
        String answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        assertThat(answer).startsWith("HTTP/1.1 200").endsWith("\r\n\r\nslow");
      }
    } finally {
      for (Socket socket : parked) {
        socket.close();
      }
    }
  }

  /** By several threads, for a new connection may take its time where each is looked at. */
  private static List<Socket> sendAll(Wire wire, String request) throws IOException {
    ExecutorService threads = Executors.newFixedThreadPool(16);
    try {
      Callable<Socket> send = () -> wire.send(request);
      List<Socket> sent = new ArrayList<>();
      for (Future<Socket> socket : threads.invokeAll(Collections.nCopies(REQUESTS, send))) {
        sent.add(socket.get());
      }
      return sent;
    } catch (InterruptedException | ExecutionException failure) {
      throw new IOException(failure);
    } finally {
      threads.shutdownNow();
    }
  }

  private static String gate(String key) {
    return Site.LIBRARY.node("/gate/" + key);
  }
}
