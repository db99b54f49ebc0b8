package geecache.containers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    assertAnswersWhileParked(new Tomcat("parked-tomcat11", "tomcat11.home"));
  }

  @Test
  void jettyAnswersHitsWhileFiveThousandRequestsAreParked() throws IOException {
    assertAnswersWhileParked(new Jetty("parked-jetty12", "jetty12.home", "ee10-deploy"));
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
      for (int i = 0; i < REQUESTS; i++) {
        parked.add(wire.send(slow));
      }
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

  private static String gate(String key) {
    return Site.LIBRARY.node("/gate/" + key);
  }
}
