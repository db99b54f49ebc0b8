package geecache.testing;

import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static org.awaitility.Awaitility.await;

import geecache.JdkServer;
import geecache.RawClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A peer in front of a node, and clients of it. */
abstract class FrontedNodeTest {
  static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  static final String LAST = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

  final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  JdkServer node;
  FaultyPeer front;

  @BeforeEach
  void start() throws IOException {
    node = new JdkServer(0);
    front = FaultyPeer.inFrontOf(node.url());
  }

  @AfterEach
  void stop() {
    front.close();
    node.close();
  }

  static ConditionFactory awaiting() {
    return await().pollInterval(Duration.ofMillis(2));
  }

  RawClient connect() throws IOException {
    return connect(front);
  }

  static RawClient connect(FaultyPeer peer) throws IOException {
    return new RawClient(URI.create(peer.url()).getPort());
  }

  HttpRequest.Builder ask(String path) {
    return HttpRequest.newBuilder(URI.create(front.url() + path));
  }

  String get() throws Exception {
    return get("/");
  }

  String get(String path) throws Exception {
    return client.send(ask(path).build(), ofString()).body();
  }
}
