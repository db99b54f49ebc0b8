package geecache.testing;

import static geecache.JdkServer.VALUE;
import static java.net.http.HttpResponse.BodyHandlers.ofByteArray;
import static java.net.http.HttpResponse.BodyHandlers.ofInputStream;
import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.JdkServer;
import geecache.RawClient;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A peer in front of a node, as long as it passes everything. */
class FrontTest extends FrontedNodeTest {
  private static final String CHUNKED =
      Integer.toHexString(VALUE.length()) + "\r\n" + VALUE + "\r\n0\r\n\r\n";

  @ParameterizedTest
  @ValueSource(strings = {"/", "/chunked"})
  void passesAnswersOfEitherFraming(String path) throws Exception {
    HttpResponse<String> answer = client.send(ask(path).build(), ofString());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("X-Node")).contains("jdk");
    assertThat(answer.body()).isEqualTo(VALUE);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void passesRequestsOfEitherFraming(boolean chunked) throws Exception {
    byte[] body = VALUE.repeat(100).getBytes(UTF_8);
    HttpRequest request =
        ask("/echo?key=a%2Fb")
            .header("X-Client", "me")
            .method(
                "PUT",
                chunked
                    ? BodyPublishers.ofByteArrays(List.of(body, body))
                    : BodyPublishers.ofByteArray(body))
            .build();

    byte[] echo = client.send(request, ofByteArray()).body();

    assertThat(new String(echo, 0, 27, UTF_8)).isEqualTo("PUT /echo?key=a%2Fb me " + "0123");
    assertThat(echo).hasSize(23 + (chunked ? 2 : 1) * body.length);
  }

  @Test
  void asksForABodyThatWaitsToBeAskedFor() throws Exception {
    HttpRequest request =
        ask("/echo").expectContinue(true).POST(BodyPublishers.ofString("hello")).build();

    assertThat(client.send(request, ofString()).body()).isEqualTo("POST /echo null hello");
    assertThat(get("/")).isEqualTo(VALUE);
  }

  @Test
  void passesAnswersWithoutABody() throws Exception {
    HttpRequest head = ask("/").method("HEAD", BodyPublishers.noBody()).build();

    assertThat(client.send(head, ofString()).body()).isEmpty();
    assertThat(get("/empty")).isEmpty();
    assertThat(get("/")).isEqualTo(VALUE);
  }

  @Test
  void keepsOneConnectionAliveOnEachSide() throws Exception {
    try (RawClient raw = connect()) {
      for (String path : List.of("/", "/chunked", "/echo", "/empty", "/")) {
        raw.send("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
        String head = raw.head();
        assertThat(head).startsWith("HTTP/1.1 200 ");
        if (head.toLowerCase(Locale.ROOT).contains("chunked")) {
          assertThat(raw.bytes(CHUNKED.length())).isEqualTo(CHUNKED);
        } else {
          raw.bytes(RawClient.contentLength(head));
        }
      }
    }

    assertThat(node.connections()).isEqualTo(1);
  }

  @Test
  void readsRequestsThatWereSentTogether() throws Exception {
    try (RawClient raw = connect()) {
      raw.send(
          "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
              + "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

      assertThat(raw.rest())
          .contains("POST /echo null abcde")
          .contains("GET /echo null ")
          .matches("(?s).*GET /echo null \\s*");
    }
  }

  @Test
  void streamsChunksAsTheyCome() throws Exception {
    try (InputStream body = client.send(ask("/slow").build(), ofInputStream()).body()) {
      assertThat(body.readNBytes(5)).isEqualTo("first".getBytes(UTF_8));
      node.goOn();
      assertThat(body.readAllBytes()).isEqualTo("second".getBytes(UTF_8));
    }
  }

  @Test
  void connectsAgainWhereTheNodeHasClosedAnIdleConnection() throws Exception {
    try (RawClient raw = connect()) {
      raw.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      raw.body();
      int port = node.port();
      node.close();
      node = new JdkServer(port);

      raw.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

      assertThat(raw.rest()).endsWith("\r\n\r\n" + VALUE);
      assertThat(node.requests()).isEqualTo(1);
    }
  }

  @Test
  void leavesWithoutAnAnswerWhereTheNodeIsGone() throws Exception {
    node.close();

    try (RawClient raw = connect()) {
      raw.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(raw.rest()).isEmpty();
    }
  }

  @Test
  void hasThePathOfItsNode() {
    try (FaultyPeer shop = FaultyPeer.inFrontOf("http://127.0.0.1:1234/shop");
        FaultyPeer root = FaultyPeer.inFrontOf("http://127.0.0.1:1234/")) {
      assertThat(shop.url()).matches("http://127\\.0\\.0\\.1:\\d+/shop");
      assertThat(root.url()).matches("http://127\\.0\\.0\\.1:\\d+");
    }
  }
}
