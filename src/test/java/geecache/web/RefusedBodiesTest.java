package geecache.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.Geecache;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import java.util.EnumSet;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.FilterHolder;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are refused before their bodies have come, at a real Jetty. */
@Timeout(120)
class RefusedBodiesTest {
  private static final int LENGTH = 1_000_000;
  private static final String KEY = "/_geecache/g/a";

  private final Server jetty = new Server();
  private final ServerConnector connector = new ServerConnector(jetty);
  private final ServletContextHandler application = new ServletContextHandler();
  private final Geecache node = new Geecache();

  @BeforeEach
  void prepare() {
    connector.setHost("127.0.0.1");
    jetty.addConnector(connector);
    jetty.setHandler(application);
    application.setAttribute(Geecache.class.getName(), node);
    node.group("g").register(key -> key.getBytes(ISO_8859_1));
    application.addEventListener(new GeecacheListener());
    add(new HTTPPoolServlet(), "/_geecache/*");
    add(new HealthServlet(), "/health/*");
    add(new MetricsServlet(), "/metrics");
  }

  private void add(Servlet servlet, String path) {
    ServletHolder holder = new ServletHolder(servlet);
    holder.setAsyncSupported(true);
    application.addServlet(holder, path);
  }

  @AfterEach
  void close() throws Exception {
    jetty.stop();
    node.close();
  }

  private RawClient client() throws IOException {
    return new RawClient(connector.getLocalPort());
  }

  private static String put(String target, String headers) {
    return "PUT " + target + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n";
  }

  /** The client has its answer before it has sent all. When it has, the connection ends. */
  @ParameterizedTest
  @ValueSource(strings = {KEY, "/_geecache/nope/a", "/health/live", "/metrics"})
  void isAnsweredAtOnceAndEndsItsConnection(String target) throws Exception {
    jetty.start();
    try (RawClient client = client()) {
      client.send(put(target, "Content-Length: " + LENGTH + "\r\n") + "a".repeat(100));
      RawClient.Head head = client.head();
      assertThat(head.code()).isIn(403, 405);
      assertThat(head.headers()).containsEntry("Connection", "close");
      client.body(head);
      client.send("a".repeat(LENGTH - 100));
      assertThat(client.in().read()).isEqualTo(-1);
    }
  }

  /** It is thrown away for a while, and not for ever, however fast it comes. */
  @Test
  void aBodyThatNeverEndsEndsItsConnectionToo() throws Exception {
    jetty.start();
    try (RawClient client = client()) {
      client.send(put(KEY, "Transfer-Encoding: chunked\r\n") + "1\r\na\r\n");
      RawClient.Head head = client.head();
      assertThat(head.code()).isEqualTo(403);
      client.body(head);
      Thread sender = new Thread(() -> sendChunks(client), "sender");
      sender.start();
      assertThat(client.in().read()).isEqualTo(-1);
      client.socket.close(); // Ends the sender.
      sender.join();
    }
  }

  /** Until the connection is closed. */
  private static void sendChunks(RawClient client) {
    String chunks = "1\r\na\r\n".repeat(1_000);
    try {
      while (true) {
        client.send(chunks);
      }
    } catch (IOException closed) {
      // By the test, if not by the server.
    }
  }

  @Test
  void aBodyThatHasComeKeepsTheConnection() throws Exception {
    jetty.start();
    try (RawClient client = client()) {
      for (int i = 0; i < 2; i++) {
        RawClient.Head head = client.post("a").head();
        assertThat(head.code()).isEqualTo(200);
        assertThat(head.headers()).doesNotContainKey("Connection");
        client.body(head);
      }
    }
  }

  /** To look for its body would tell it to send that. */
  @Test
  void aClientThatWaitsToBeToldToGoOnIsNotToldSo() throws Exception {
    jetty.start();
    try (RawClient client = client()) {
      client.send(put(KEY, "Expect: 100-continue\r\nContent-Length: " + LENGTH + "\r\n"));
      assertThat(client.head().code()).isEqualTo(403);
    }
  }

  /** The body of such a filter is its own affair; it may never say that it is finished. */
  @Test
  void whereAFilterHasStreamsOfItsOwnNothingIsThrownAway() throws Exception {
    FilterHolder filter =
        new FilterHolder(
            (request, response, chain) ->
                chain.doFilter(
                    new HttpServletRequestWrapper((HttpServletRequest) request) {
                      @Override
                      public ServletInputStream getInputStream() {
                        throw new AssertionError("nobody is to read it");
                      }
                    },
                    response));
    filter.setAsyncSupported(true);
    application.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST));
    jetty.start();
    try (RawClient client = client()) {
      RawClient.Head head = client.send(put(KEY, "Content-Length: 1\r\n") + "a").head();
      assertThat(head.code()).isEqualTo(403);
      assertThat(head.headers()).doesNotContainKey("Connection");
    }
  }
}
