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
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Level;
import org.awaitility.Awaitility;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.StatisticsHandler;
import org.eclipse.jetty.servlet.FilterHolder;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;
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

  /** More than Jetty has threads. */
  private static final int CLIENTS = 210;

  /**
   * What the system takes from Jetty while a client reads nothing; on one machine it would be some
   * mebibytes.
   */
  private static final int SEND_BUFFER = 64 << 10;

  private static final int RECEIVE_BUFFER = 4096;

  /** After which a test gives up. */
  private static final int PATIENCE_MILLIS = 20_000;

  private static final String BATCH_TYPE = "application/vnd.geecache.batch.v1+protobuf";

  private final Server jetty = new Server();
  private final ServerConnector connector = new ServerConnector(jetty);
  private final StatisticsHandler requests = new StatisticsHandler();
  private final ServletContextHandler application = new ServletContextHandler();
  private final Geecache node = new Geecache();
  private final List<Client> clients = new ArrayList<>();

  @BeforeEach
  void prepare() {
    connector.setHost("127.0.0.1");
    connector.setAcceptedSendBufferSize(SEND_BUFFER);
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

  /** Any key has a large value but "small", whose value is its key. */
  private static byte[] load(String key) {
    if (key.equals("small")) {
      return key.getBytes(ISO_8859_1);
    }
    byte[] value = new byte[LENGTH];
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) (i / 251 + key.charAt(0));
    }
    return value;
  }

  @AfterEach
  void close() throws Exception {
    for (Client client : clients) {
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

  private Client client() throws IOException {
    Client client = new Client(connector.getLocalPort());
    clients.add(client);
    return client;
  }

  /** A connection of somebody who reads when told to. */
  private static final class Client {
    final Socket socket = new Socket();
    private final DataInputStream in;

    Client(int port) throws IOException {
      socket.setReceiveBufferSize(RECEIVE_BUFFER);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      in = new DataInputStream(socket.getInputStream());
    }

    Client send(String request) throws IOException {
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      return this;
    }

    Client get(String key) throws IOException {
      return send("GET /_geecache/g/" + key + " HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    /** Asks for a key of one letter by a batch that does not wait. */
    Client post(String key) throws IOException {
      return send(
          "POST /_geecache/g HTTP/1.1\r\nHost: x\r\nContent-Type: "
              + BATCH_TYPE
              + "\r\nContent-Length: 5\r\n\r\n\u0012\u0003\n\u0001"
              + key);
    }

    /** Reads the head of the next answer; returns the status, and the headers in lower case. */
    Head head() throws IOException {
      String status = line();
      Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      for (String line = line(); !line.isEmpty(); line = line()) {
        headers.put(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(':') + 2));
      }
      return new Head(Integer.parseInt(status.split(" ")[1]), headers);
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int octet = in.read(); octet != '\n'; octet = in.read()) {
        if (octet < 0) {
          throw new EOFException();
        }
        line.append((char) octet);
      }
      return line.toString().strip();
    }

    byte[] body(Head head) throws IOException {
      byte[] body = new byte[head.length()];
      in.readFully(body);
      return body;
    }

    InputStream in() {
      return in;
    }
  }

  private record Head(int code, Map<String, String> headers) {
    int length() {
      return Integer.parseInt(headers.get("Content-Length"));
    }
  }

  /** Another client is answered, and so is a health check. */
  private void requireAnswers() throws IOException {
    Client good = client();
    Head small = good.get("small").head();
    assertThat(small.code()).isEqualTo(200);
    assertThat(good.body(small)).isEqualTo(load("small"));
    Head health = good.send("GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n").head();
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
    List<Head> heads = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      String key = loaded ? (char) ('a' + i % 4) + "-" + i / 20 : "a";
      Client client = kind.equals("batch") ? client().post("a") : client().get(key);
      heads.add(client.head());
    }
    assertThat(heads).allMatch(head -> head.code() == 200 && head.length() >= LENGTH);
    requireAnswers();

    for (int i = 0; i < CLIENTS; i += 50) { // They go on where they were, and may ask again.
      Client client = clients.get(i);
      byte[] body = client.body(heads.get(i));
      byte[] value =
          kind.equals("batch") ? Arrays.copyOfRange(body, body.length - LENGTH, body.length) : body;
      assertThat(value).isEqualTo(load(loaded ? (char) ('a' + i % 4) + "-" : "a"));
      assertThat(client.body(client.get("small").head())).isEqualTo(load("small"));
    }
  }

  @Test
  void aHeadHasNoBody() throws Exception {
    jetty.start();
    Client client = client().send("HEAD /_geecache/g/a HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(client.head().length()).isEqualTo(LENGTH);
    assertThat(client.body(client.get("small").head())).isEqualTo(load("small"));
  }

  @Test
  void whoTakesNothingForAsLongAsTheContainerWaitsIsHungUpOn() throws Exception {
    connector.setIdleTimeout(500);
    jetty.start();
    try (LogCapture log = new LogCapture("", Level.WARNING)) {
      Client client = client().get("a");
      int length = client.head().length();
      awaitNoRequest();
      assertThat(readToTheEnd(client)).isLessThan(length);
      assertThat(log.messages()).isEmpty();
    }
    requireAnswers();
  }

  private static long readToTheEnd(Client client) {
    try {
      return client.in().transferTo(new ByteArrayOutputStream());
    } catch (IOException reset) {
      return 0;
    }
  }

  private void awaitNoRequest() {
    Awaitility.await()
        .atMost(Duration.ofMillis(PATIENCE_MILLIS))
        .until(() -> requests.getRequestsActive() == 0);
  }

  @Test
  void clientsThatLeaveAreNoFailure() throws Exception {
    jetty.start();
    try (LogCapture log = new LogCapture("", Level.WARNING)) {
      for (int i = 0; i < 10; i++) {
        Client client = client().get("a");
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
    List<Client> slow = List.of(client().get("a"), client().get("a"));
    for (Client client : slow) {
      assertThat(client.head().code()).isEqualTo(200);
    }
    Client third = client();
    Head refused = third.get("a").head();
    assertThat(refused.code()).isEqualTo(503);
    assertThat(refused.headers()).containsEntry("Geecache-Status", "overloaded");
    assertThat(refused.headers()).containsEntry("Retry-After", "1");
    assertThat(new String(third.body(refused), ISO_8859_1))
        .isEqualTo("overloaded: too many large answers are being written\n");
    assertThat(pool().stats().answersRefused()).isEqualTo(1);
    requireAnswers();

    slow.get(0).socket.close();
    Awaitility.await()
        .atMost(Duration.ofMillis(PATIENCE_MILLIS))
        .until(
            () -> {
              Head head = third.get("a").head();
              third.body(head);
              return head.code() == 200;
            });
  }

  /** Otherwise clients that stop reading would hold all that was ever evicted. */
  @Test
  void valuesThatClientsDoNotTakeAreBounded() throws Exception {
    application.setInitParameter("geecache.max-answer-bytes", "1500KiB");
    jetty.start();
    List<Client> slow = List.of(client().get("a"), client().get("a"), client().post("a"));
    for (Client client : slow) { // They share the value.
      assertThat(client.head().code()).isEqualTo(200);
    }
    Client other = client();
    Head refused = other.get("b").head();
    assertThat(refused.code()).isEqualTo(503);
    other.body(refused);
    assertThat(pool().stats().answersRefused()).isEqualTo(1);
    requireAnswers();

    slow.get(0).body(new Head(200, Map.of("Content-Length", String.valueOf(LENGTH))));
    for (Client client : slow.subList(1, 3)) {
      client.socket.close();
    }
    Awaitility.await()
        .atMost(Duration.ofMillis(PATIENCE_MILLIS))
        .until(
            () -> {
              Head head = other.get("b").head();
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
      Client client = client().get("a");
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
