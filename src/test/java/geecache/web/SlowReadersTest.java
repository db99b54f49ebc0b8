package geecache.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.Geecache;
import geecache.LogCapture;
import geecache.http.HTTPPool;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.awaitility.Awaitility;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.StatisticsHandler;
import org.eclipse.jetty.servlet.FilterHolder;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that ask for large values and take little or nothing of them, at a real Jetty. */
@Timeout(120)
class SlowReadersTest {
  private static final int LENGTH = 1 << 20;

  /** Would be written at once to a node that shows a secret; the system takes it the first time. */
  private static final int MEDIUM = 120 << 10;

  /** More than Jetty has threads. */
  private static final int CLIENTS = 210;

  /**
   * What the system takes from Jetty while a client reads nothing; on one machine it would be some
   * mebibytes.
   */
  private static final int SEND_BUFFER = 64 << 10;

  private final Server jetty = new Server();
  private final ServerConnector connector = new ServerConnector(jetty);
  private final StatisticsHandler requests = new StatisticsHandler();
  private final ServletContextHandler application = new ServletContextHandler();
  private final Geecache node = new Geecache();
  private final List<RawClient> clients = new ArrayList<>();

  @BeforeEach
  void prepare() {
    connector.setHost("127.0.0.1");
    connector.setAcceptedSendBufferSize(SEND_BUFFER);
    connector.setIdleTimeout(120_000); // So long no client of a test takes nothing.
    jetty.addConnector(connector);
    jetty.setHandler(requests);
    requests.setHandler(application);
    application.setAttribute(Geecache.class.getName(), node);
    node.group("g").register(SlowReadersTest::load);
    application.addEventListener(new GeecacheListener());
    ServletHolder servlet = application.addServlet(HTTPPoolServlet.class, "/_geecache/*");
    servlet.setAsyncSupported(true);
    application.addServlet(HealthServlet.class, "/health/*");
  }

  /** Any key has a large value but "small", whose value is its key, and "medium". */
  private static byte[] load(String key) {
    if (key.equals("small")) {
      return key.getBytes(ISO_8859_1);
    }
    byte[] value = new byte[key.equals("medium") ? MEDIUM : LENGTH];
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) (i / 251 + key.charAt(0));
    }
    return value;
  }

  @AfterEach
  void close() throws Exception {
    for (RawClient client : clients) {
      client.socket.close();
    }
    jetty.stop();
    node.close();
  }

  private HTTPPool pool() {
    return (HTTPPool) application.getServletContext().getAttribute(HTTPPool.class.getName());
  }

  private void putInFront(Filter filter, boolean asyncSupported) {
    FilterHolder holder = new FilterHolder(filter);
    holder.setAsyncSupported(asyncSupported);
    application.addFilter(
        holder, "/_geecache/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
  }

  private RawClient client() throws IOException {
    RawClient client = new RawClient(connector.getLocalPort());
    clients.add(client);
    return client;
  }

  /** Another client is answered, and so is a health check. */
  private void requireAnswers() throws IOException {
    RawClient good = client();
    RawClient.Head small = good.get("small").head();
    assertThat(small.code()).isEqualTo(200);
    assertThat(good.body(small)).isEqualTo(load("small"));
    RawClient.Head health = good.send("GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n").head();
    assertThat(health.code()).isEqualTo(200);
    good.body(health);
  }

  @ParameterizedTest
  @ValueSource(strings = {"in memory", "loaded", "batch"})
  void clientsThatStopReadingHoldNoThread(String kind) throws Exception {
    jetty.start();
    boolean loaded = kind.equals("loaded");
    if (!loaded) {
      node.find("g").orElseThrow().get("a");
    }
    List<RawClient.Head> heads = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      String key = loaded ? (char) ('a' + i % 4) + "-" + i / 20 : "a";
      RawClient client = kind.equals("batch") ? client().post("a") : client().get(key);
      heads.add(client.head());
    }
    assertThat(heads).allMatch(head -> head.code() == 200 && head.length() >= LENGTH);
    requireAnswers();

    for (int i = 0; i < CLIENTS; i += 50) { // They go on where they were, and may ask again.
      RawClient client = clients.get(i);
      byte[] body = client.body(heads.get(i));
      byte[] value =
          kind.equals("batch") ? Arrays.copyOfRange(body, body.length - LENGTH, body.length) : body;
      assertThat(value).isEqualTo(load(loaded ? (char) ('a' + i % 4) + "-" : "a"));
      assertThat(client.body(client.get("small").head())).isEqualTo(load("small"));
    }
  }

  /** Jetty has fewer threads than answers to nodes may hold. */
  @Test
  void clientsThatStopReadingHoldNoThreadOfThoseForNodes() throws Exception {
    ((QueuedThreadPool) jetty.getThreadPool()).setMaxThreads(40);
    jetty.start();
    for (int i = 0; i < CLIENTS; i++) {
      RawClient client = client();
      for (int request = 0; request < 5; request++) {
        client.get("medium");
      }
    }
    requireAnswers();
    for (int i = 0; i < CLIENTS; i += 50) {
      for (int request = 0; request < 5; request++) {
        RawClient client = clients.get(i);
        assertThat(client.body(client.head())).isEqualTo(load("medium"));
      }
    }
  }

  @Test
  void aHeadHasNoBody() throws Exception {
    jetty.start();
    RawClient client = client().send("HEAD /_geecache/g/a HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(client.head().length()).isEqualTo(LENGTH);
    assertThat(client.body(client.get("small").head())).isEqualTo(load("small"));
  }

  @Test
  void whoTakesNothingForAsLongAsTheContainerWaitsIsHungUpOn() throws Exception {
    connector.setIdleTimeout(3_000);
    jetty.start();
    try (LogCapture log = new LogCapture("", Level.WARNING)) {
      RawClient client = client().get("a");
      int length = client.head().length();
      awaitNoRequest();
      assertThat(readToTheEnd(client)).isLessThan(length);
      assertThat(log.messages()).isEmpty();
    }
    connector.setIdleTimeout(30_000);
    requireAnswers();
  }

  private static long readToTheEnd(RawClient client) {
    try {
      return client.in().transferTo(new ByteArrayOutputStream());
    } catch (IOException reset) {
      return 0;
    }
  }

  private void awaitNoRequest() {
    Awaitility.await()
        .atMost(Duration.ofMillis(RawClient.PATIENCE_MILLIS))
        .until(() -> requests.getRequestsActive() == 0);
  }

  @Test
  void clientsThatLeaveAreNoFailure() throws Exception {
    jetty.start();
    try (LogCapture log = new LogCapture("", Level.WARNING)) {
      for (int i = 0; i < 10; i++) {
        RawClient client = client().get("a");
        client.head();
        client.socket.setSoLinger(true, 0);
        client.socket.close();
      }
      awaitNoRequest();
      assertThat(log.messages()).isEmpty();
    }
    requireAnswers();
  }

  @Test
  void whereAFilterForbidsAsynchronousRequestsSoManyHoldAThread() throws Exception {
    putInFront((request, response, chain) -> chain.doFilter(request, response), false);
    application.setInitParameter("geecache.max-blocking-answers", "2");
    jetty.start();
    List<RawClient> slow = List.of(client().get("a"), client().get("a"));
    for (RawClient client : slow) {
      assertThat(client.head().code()).isEqualTo(200);
    }
    RawClient third = client();
    RawClient.Head refused = third.get("a").head();
    assertThat(refused.code()).isEqualTo(503);
    assertThat(refused.headers()).containsEntry("Geecache-Status", "overloaded");
    assertThat(refused.headers()).containsEntry("Retry-After", "1");
    assertThat(new String(third.body(refused), ISO_8859_1))
        .isEqualTo("overloaded: too many large answers are being written\n");
    assertThat(pool().stats().answersRefused()).isEqualTo(1);
    requireAnswers();

    slow.get(0).socket.close();
    Awaitility.await()
        .atMost(Duration.ofMillis(RawClient.PATIENCE_MILLIS))
        .until(
            () -> {
              RawClient.Head head = third.get("a").head();
              third.body(head);
              return head.code() == 200;
            });
  }

  /** Otherwise clients that stop reading would hold all that was ever evicted. */
  @Test
  void valuesThatClientsDoNotTakeAreBounded() throws Exception {
    application.setInitParameter("geecache.max-answer-bytes", "1500KiB");
    jetty.start();
    List<RawClient> slow = List.of(client().get("a"), client().get("a"), client().post("a"));
    for (RawClient client : slow) { // They share the value.
      assertThat(client.head().code()).isEqualTo(200);
    }
    RawClient other = client();
    RawClient.Head refused = other.get("b").head();
    assertThat(refused.code()).isEqualTo(503);
    other.body(refused);
    assertThat(pool().stats().answersRefused()).isEqualTo(1);
    requireAnswers();

    slow.get(0).body(new RawClient.Head(200, Map.of("Content-Length", String.valueOf(LENGTH))));
    for (RawClient client : slow.subList(1, 3)) {
      client.socket.close();
    }
    Awaitility.await()
        .atMost(Duration.ofMillis(RawClient.PATIENCE_MILLIS))
        .until(
            () -> {
              RawClient.Head head = other.get("b").head();
              return other.body(head).length == LENGTH;
            });
  }

  /** Such filters pass on what they have when the call has returned. */
  @Test
  void aFilterThatTakesTheAnswerIntoAStreamOfItsOwnHasAllOfIt() throws Exception {
    putInFront(
        (request, response, chain) -> {
          Gathering gathering = new Gathering((HttpServletResponse) response);
          chain.doFilter(request, gathering);
          if (!request.isAsyncStarted()) {
            gathering.passOn();
          }
        },
        true);
    jetty.start();
    for (int i = 0; i < 2; i++) { // Loaded, and in memory.
      RawClient client = client().get("a");
      assertThat(client.body(client.head())).isEqualTo(load("a"));
    }
  }

  private static final class Gathering extends HttpServletResponseWrapper {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Gathering(HttpServletResponse response) {
      super(response);
    }

    void passOn() throws IOException {
      bytes.writeTo(getResponse().getOutputStream());
    }

    @Override
    public ServletOutputStream getOutputStream() {
      return new ServletOutputStream() {
        @Override
        public boolean isReady() {
          return true;
        }

        @Override
        public void setWriteListener(@Nullable WriteListener listener) {
          throw new IllegalStateException("it is read as a whole");
        }

        @Override
        public void write(int octet) {
          bytes.write(octet);
        }
      };
    }
  }
}
