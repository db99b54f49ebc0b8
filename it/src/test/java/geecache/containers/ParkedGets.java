package geecache.containers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Requests that wait for slow keys, some to each node of a cluster for each node's keys. */
final class ParkedGets implements AutoCloseable {
  private static final int EACH = 3;
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final Members cluster;
  private final List<Socket> sockets = new ArrayList<>();

  /** Returns when all keys are being loaded, each by its owner. */
  ParkedGets(Members cluster) throws IOException {
    this.cluster = cluster;
    for (Member owner : cluster.all()) {
      for (Member asked : cluster.all()) {
        for (int i = 0; i < EACH; i++) {
          park(asked, owner);
        }
      }
    }
  }

  private void park(Member asked, Member owner) throws IOException {
    String key = slowKey(owner);
    Wire wire = new Wire(asked.container().port());
    String target = asked.site().contextPath() + "/_geecache/gate?key=" + key;
    sockets.add(wire.send(wire.head("GET", target) + "\r\n"));
    Awaitility.await(key + " to load").atMost(LIMIT).until(() -> owner.loads(key) == 1);
  }

  private String slowKey(Member owner) {
    return Stream.generate(() -> "slow-" + UUID.randomUUID())
        .filter(key -> cluster.ownerOf(key) == owner)
        .findFirst()
        .orElseThrow();
  }

  /** Waits until all have ended, and returns how, each with its number. */
  Map<String, Integer> endings() throws IOException {
    Map<String, Integer> endings = new TreeMap<>();
    for (Socket socket : sockets) {
      String answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
      endings.merge(ending(answer), 1, Integer::sum);
    }
    return endings;
  }

  private static String ending(String answer) {
    if (answer.isEmpty()) {
      return "no answer";
    }
    String code = answer.split(" ", 3)[1];
    return answer.contains("Geecache-Status: ") ? code : code + " of the container";
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
