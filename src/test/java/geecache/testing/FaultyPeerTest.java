package geecache.testing;

import static geecache.JdkServer.VALUE;
import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.LiveThreads;
import geecache.RawClient;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each fault looks like to a client. */
class FaultyPeerTest extends FrontedNodeTest {
  private static final String POST = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi";

  @Test
  void alonePassingIsAMadeUpValue() throws Exception {
    try (FaultyPeer alone = FaultyPeer.alone(Fault.PASS)) {
      HttpResponse<String> answer =
          client.send(HttpRequest.newBuilder(URI.create(alone.url())).build(), ofString());

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Geecache-Status")).contains("ok");
      assertThat(answer.body()).isNotEmpty();
    }
  }

  @Test
  void refusesConnectionsAndClosesThoseThereAre() throws Exception {
    try (RawClient raw = connect()) {
      raw.send(GET);
      raw.body();

      front.become(Fault.REFUSE);

      assertThat(raw.rest()).isEmpty();
      assertThatThrownBy(() -> connect()).isInstanceOf(ConnectException.class);
    }
    String url = front.url();
    front.become(Fault.PASS);
    assertThat(get()).isEqualTo(VALUE);
    assertThat(front.url()).isEqualTo(url);
    assertThat(front.requests(Fault.REFUSE)).isZero();
  }

  @Test
  void canRefuseFromTheStartOn() throws Exception {
    try (FaultyPeer alone = FaultyPeer.alone(Fault.REFUSE)) {
      assertThatThrownBy(() -> connect(alone)).isInstanceOf(ConnectException.class);
      alone.become(Fault.PASS);
      connect(alone).close();
    }
  }

  @Test
  void refusalOfOneRequestEndsItsConnection() throws Exception {
    front.script(Fault.REFUSE);

    try (RawClient raw = connect()) {
      raw.send(GET);
      assertThat(raw.rest()).isEmpty();
    }
    assertThat(get()).isEqualTo(VALUE);
  }

  @Test
  void resets() throws Exception {
    front.become(Fault.RESET);

    try (RawClient raw = connect()) {
      raw.send(POST);
      assertThatThrownBy(raw::rest)
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("reset");
    }
    assertThat(node.requests()).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"SILENT", "PASS", "RESET", "REFUSE", "TRICKLE"})
  void holdsASilentRequestUntilItIsToldAnything(Fault next) throws Exception {
    front.become(Fault.SILENT);

    try (RawClient raw = connect()) {
      raw.send(GET);
      awaiting().until(() -> front.requests(Fault.SILENT) == 1);
      front.become(next);

      assertThat(raw.rest()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"/,500,500", "/chunked,501,510"})
  void cutsTheBodyOfTheNodesAnswerInItsMiddle(String path, int from, int to) throws Exception {
    front.become(Fault.HALF_BODY);

    try (RawClient raw = connect()) {
      raw.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(raw.head()).startsWith("HTTP/1.1 200 ").containsIgnoringCase("X-Node: jdk");
      assertThat(raw.rest()).hasSizeBetween(from, to);
    }
    assertThatThrownBy(() -> client.send(ask(path).build(), ofString()))
        .isInstanceOf(IOException.class);
  }

  @Test
  void cutsTheHeadOfAnAnswerThatHasNoBody() throws Exception {
    front.become(Fault.HALF_BODY);

    try (RawClient raw = connect()) {
      raw.send("GET /empty HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(raw.rest()).startsWith("HTTP/1.1 ").doesNotContain("\r\n\r\n");
    }
  }

  @Test
  void cutsAMadeUpAnswerWhereItIsAlone() throws Exception {
    try (FaultyPeer alone = FaultyPeer.alone(Fault.HALF_BODY);
        RawClient raw = connect(alone)) {
      raw.send(GET);
      int announced = RawClient.contentLength(raw.head());
      assertThat(raw.rest()).hasSize(announced / 2).isNotEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/chunked"})
  void sendsTenTimesWhatItAnnouncesAndGoesOn(String path) throws Exception {
    front.script(Fault.LONG_BODY);

    try (RawClient raw = connect()) {
      raw.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(RawClient.contentLength(raw.head())).isEqualTo(VALUE.length());
      assertThat(raw.bytes(10 * VALUE.length())).isEqualTo(VALUE.repeat(10));

      raw.send(LAST);
      assertThat(raw.rest()).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n" + VALUE);
    }
  }

  @Test
  void sendsABodyWhereThereShouldBeNone() throws Exception {
    front.become(Fault.LONG_BODY);

    try (RawClient raw = connect()) {
      raw.send("GET /empty HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertThat(RawClient.contentLength(raw.head())).isZero();
      assertThat(raw.rest()).isNotEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "NOT_FOUND_PAGE,404,HTTP Status 404 – Not Found",
    "BAD_GATEWAY_PAGE,502,502 Bad Gateway",
    "LOGIN_PAGE,200,<form method=",
    "REDIRECT,302,''"
  })
  void answersAsNoNodeDoes(Fault fault, int status, String page) throws Exception {
    front.become(fault);

    HttpResponse<String> answer = client.send(ask("/").build(), ofString());

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().map()).doesNotContainKey("Geecache-Status");
    assertThat(answer.headers().firstValue("Location").isPresent()).isEqualTo(status == 302);
    assertThat(answer.body()).contains(page);
    assertThat(node.requests()).isZero();
    front.become(Fault.PASS);
    assertThat(get()).isEqualTo(VALUE);
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"NOT_FOUND_PAGE", "BAD_GATEWAY_PAGE", "LOGIN_PAGE", "REDIRECT", "PASS"})
  void keepsAConnectionAliveFromFaultToFault(Fault fault) throws Exception {
    front.script(fault);

    try (RawClient raw = connect()) {
      raw.send(POST);
      raw.body();
      raw.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertThat(raw.rest()).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n");
    }
  }

  @Test
  void readsBodiesInChunksToTheirEnd() throws Exception {
    front.become(Fault.NOT_FOUND_PAGE);

    try (RawClient raw = connect()) {
      raw.send(
          "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n"
              + "3;ext=1\r\nabc\r\n0a\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n"
              + LAST);
      assertThat(raw.body()).isNotEmpty();
      assertThat(raw.rest()).startsWith("HTTP/1.1 404 ");
    }
  }

  @Test
  void tricklesAHeadWithoutAnEnd() throws Exception {
    front.become(Fault.TRICKLE);

    try (RawClient raw = connect()) {
      raw.send(GET);
      assertThat(raw.bytes(20)).startsWith("HTTP/1.1 200 OK\r\nX-").doesNotContain("\r\n\r\n");
      front.become(Fault.PASS);
      assertThat(raw.rest()).doesNotContain("\r\n\r\n");
    }
  }

  @Test
  void leavesNeitherThreadNorPort() throws Exception {
    List<RawClient> clients = new ArrayList<>();
    for (Fault fault : List.of(Fault.PASS, Fault.SILENT, Fault.TRICKLE, Fault.LOGIN_PAGE)) {
      front.script(fault);
      RawClient raw = connect();
      clients.add(raw);
      int before = front.requests();
      raw.send(GET);
      awaiting().until(() -> front.requests() > before);
    }
    front.become(Fault.REFUSE);
    front.become(Fault.PASS);
    clients.add(connect());

    front.close();
    front.close();

    assertThat(LiveThreads.named(Threads.PREFIX)).isEmpty();
    new ServerSocket(URI.create(front.url()).getPort(), 1, InetAddress.getLoopbackAddress())
        .close();
    for (RawClient raw : clients) {
      raw.close();
    }
    assertThatIllegalStateException().isThrownBy(() -> front.become(Fault.PASS));
  }
}
