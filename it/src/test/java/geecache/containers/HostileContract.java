package geecache.containers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import geecache.FreePorts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What no stranger brings about, whatever it sends over raw sockets to a node with a secret and to
 * one without. Another client is answered meanwhile. After each case heap, threads and log are as
 * before.
 */
@Tag("hostile")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class HostileContract {
  private static final int CONNECTIONS = Integer.getInteger("hostile.connections", 1_000);
  private static final int IDLE = Integer.getInteger("hostile.idle", 10_000);
  private static final int MUTATIONS = Integer.getInteger("hostile.mutations", 4_000);
  private static final long SEED = Long.getLong("hostile.seed", 1);

  /** For the slowest get of the client that means well. */
  private static final int LIMIT_MILLIS = Integer.getInteger("hostile.limit-millis", 1_000);

  /** A container has some two hundred threads; fewer than that may be held by slow bodies. */
  private static final int HELD = 100;

  private static final String OPEN = "/open";
  private static final String GUARDED = "/guarded";

  /** A node with values that are larger than any buffer. */
  private static final String LARGE = "/large";

  /** A node whose membership is JGroups, with the secret. */
  private static final String SEALED = "/sealed";

  private static final String SECRET = "a-secret-of-the-hostile-tests";
  private static final String TOM = OPEN + "/_geecache/scores/Tom";
  private static final String BATCH = "Content-Type: " + BatchConnection.TYPE + "\r\n";
  private static final String CLOSE = "Connection: close\r\n";

  /** JGroups' port lets so many wait to be accepted, and drops the first packet of others. */
  private static final int QUEUED = 50;

  /** More than a container has threads. */
  private static final int STALLED = 210;

  /** More than the system takes from a container while a client reads nothing. */
  private static final int LARGE_BYTES = 8 << 20;

  /** Some containers log malformed requests, and the source of this node logs each key. */
  private static final int MOST_LOGGED = (64 << 10) + 100 * MUTATIONS;

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Pattern VALUE = Pattern.compile("\r\n\r\n(630|589)(?=HTTP|$)");

  private final Container container;
  private final int idle;
  private final int jgroupsPort = FreePorts.of(1)[0];
  private @Nullable HttpServer source;
  private @Nullable Jvm jvm;
  private @Nullable State before;

  /** Of the container at rest, apart from its pool, which has a bound of its own. */
  private long threads;

  private @Nullable Attacker attacker;
  private @Nullable GoodClient good;
  private int logged;

  /**
   * Names a container.
   *
   * @param most the connections that it accepts at a time, as it is configured
   */
  HostileContract(Container container, int most) throws IOException {
    this.container = container;
    this.idle = Math.min(IDLE, most);
  }

  /** What a node and its container hold. */
  private record State(long heap, Set<String> threads) {}

  @BeforeAll
  void startContainer() throws Exception {
    container.start();
    Wars wars = new Wars(container.instance().resolve("wars"));
    container.deploy(wars.product(Map.of()), OPEN);
    container.deploy(wars.product(Map.of("geecache.secret", SECRET)), GUARDED);
    container.deploy(wars.product(large()), LARGE);
    container.deploy(wars.product(sealed()), SEALED);
    Wire wire = new Wire(container.port());
    Awaitility.await(TOM).atMost(PATIENCE).until(() -> wire.answers(TOM));
    Awaitility.await(GUARDED).atMost(PATIENCE).until(() -> wire.answers(GUARDED + "/health/ready"));
    Awaitility.await(LARGE).atMost(PATIENCE).until(() -> wire.answers(LARGE + "/health/ready"));
    Awaitility.await(SEALED).atMost(PATIENCE).until(() -> wire.answers(SEALED + "/health/ready"));
    wire.get(OPEN + "/_geecache/scores/Jack");
    Jvm seen = Jvm.of(container);
    jvm = seen;
    threads = seen.threadCount();
    warmUp();
    before = state();
    System.out.printf("hostile: %s, heap at first %d KiB%n", name(), state().heap() >> 10);
  }

  private Map<String, String> large() throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, LARGE_BYTES);
          exchange.getResponseBody().write(new byte[LARGE_BYTES]);
          exchange.close();
        });
    server.start();
    source = server;
    String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/{key}";
    return Map.of("geecache.groups.big.source", "http", "geecache.groups.big.url", url);
  }

  private Map<String, String> sealed() {
    String address = "127.0.0.1:" + jgroupsPort;
    return Map.of(
        "geecache.secret", SECRET,
        "geecache.self", "http://127.0.0.1:" + container.port() + SEALED,
        "geecache.membership", "jgroups",
        "geecache.jgroups-bind", address,
        "geecache.jgroups-hosts", address);
  }

  /** Has the container make the threads and the buffers that it keeps for other connections. */
  private void warmUp() throws Exception {
    String body = head("POST", OPEN + "/_geecache/scores", BATCH) + "Content-Length: 9\r\n\r\n";
    try (Attacker many = new Attacker(container.port());
        Attacker strangers = new Attacker(jgroupsPort);
        GoodClient client = new GoodClient(new Wire(container.port()), TOM)) {
      for (int i = 0; i < 3; i++) {
        many.sendEach(2 * HELD, get(OPEN + "/_geecache/scores/Tom", ""));
        many.sendEach(
            CONNECTIONS, get(GUARDED + "/geecache.js", "X: " + "x".repeat(7_000) + "\r\n"));
        many.sendEach(HELD, "nonsense\r\n\r\n");
        many.sendEach(HELD, body);
        many.sendEach(CONNECTIONS, "GET ");
        stopReading(many, "GET", client);
        stopReading(many, "POST", client);
        strangers.sendEach(HELD, "nonsense");
        client.awaitMore(10);
        many.reset();
        strangers.reset();
      }
    }
  }

  @AfterAll
  void theContainerIsAsBefore() throws IOException {
    if (source != null) {
      source.stop(0);
    }
    try (Container running = container;
        Jvm seen = requireNonNull(jvm)) {
      Awaitility.await("threads as before")
          .atMost(PATIENCE)
          .pollInterval(Duration.ofSeconds(1))
          .untilAsserted(
              () -> assertThat(seen.threadCount()).isLessThanOrEqualTo(threads * 11 / 10));
      System.out.printf(
          "hostile: %s, %d threads at first, %d at last%n",
          running.instance().getFileName(), threads, seen.threadCount());
    }
  }

  @BeforeEach
  void begin() {
    logged = container.output().length();
    attacker = new Attacker(container.port());
    good = new GoodClient(new Wire(container.port()), TOM);
  }

  @AfterEach
  void theNodeIsAsBefore(TestInfo test) throws Exception {
    GoodClient client = requireNonNull(good);
    try (client) {
      client.awaitMore(10);
      attacker().close();
      client.awaitMore(10);
    }
    State first = requireNonNull(before);
    Awaitility.await("heap and threads as before")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(
            () -> {
              State now = state();
              assertThat(now.heap()).as("heap").isLessThanOrEqualTo(first.heap() * 11 / 10);
              assertThat(first.threads()).as("kinds of threads").containsAll(now.threads());
            });
    int bytes = container.output().length() - logged;
    System.out.printf(
        "hostile: %s, %s %s: slowest of %d gets %d ms, heap %d KiB, %d bytes logged%n",
        name(),
        test.getTestMethod().orElseThrow().getName(),
        test.getDisplayName(),
        client.count(),
        client.slowestMillis(),
        state().heap() >> 10,
        bytes);
    assertThat(client.faults()).isEmpty();
    assertThat(client.slowestMillis()).as("the slowest get").isLessThanOrEqualTo(LIMIT_MILLIS);
    assertThat(bytes).as("bytes logged").isLessThanOrEqualTo(MOST_LOGGED);
  }

  private State state() throws IOException {
    Jvm seen = requireNonNull(jvm);
    return new State(seen.heap(), seen.threads());
  }

  private Attacker attacker() {
    return requireNonNull(attacker);
  }

  private String name() {
    return container.instance().getFileName().toString();
  }

  private static String head(String method, String target, String headers) {
    return method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers;
  }

  private static String get(String target, String headers) {
    return head("GET", target, headers) + "\r\n";
  }

  private static String post(String target, String headers, String body) {
    return head("POST", target, headers) + "Content-Length: " + body.length() + "\r\n\r\n" + body;
  }

  /**
   * Has the container accept what was opened. If its queue is full, the system drops the next
   * client's first packet, which is sent again only after a second.
   */
  private void letItAccept(int opened) throws InterruptedException {
    letItAccept(opened, requireNonNull(good));
  }

  private static void letItAccept(int opened, GoodClient client) throws InterruptedException {
    if (opened % 25 == 24) {
      client.awaitMore(1);
    }
  }

  /** Sends a request, and requires a refusal or the end of the connection. */
  private void requireRefusal(String what, String request) throws IOException {
    String answer = attacker().exchange(request);
    assertThat(answer).as(what).matches("(?s)|HTTP/1\\.1 4\\d\\d .*");
    assertThat(answer).as(what).doesNotContainPattern("\r\n\r\n(630|589)");
  }

  @ParameterizedTest
  @ValueSource(strings = {OPEN, GUARDED})
  void headsThatNeverEnd(String site) throws Exception {
    List<Socket> slow = new ArrayList<>();
    String head = head("GET", site + "/_geecache/scores/Tom", "X-Slow: ");
    for (int i = 0; i < CONNECTIONS; i++) {
      slow.add(attacker().send(head.substring(0, 1 + i % head.length())));
      letItAccept(i);
    }
    for (int i = 0; i < 3; i++) {
      requireNonNull(good).awaitMore(5);
      slow.forEach(socket -> Attacker.write(socket, "a"));
    }
    requireNonNull(good).awaitMore(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {OPEN, GUARDED})
  void bodiesThatAreHeldBackOrCut(String site) throws Exception {
    for (String path : List.of("/_geecache/scores", "/_cluster/meet", "/_cluster/changes", "/x")) {
      String request = head("POST", site + path, BATCH) + "Content-Length: 10000\r\n\r\n";
      attacker().sendEach(HELD / 8, request);
      attacker().sendEach(HELD / 8, request + "a".repeat(5000));
      requireNonNull(good).awaitMore(1); // As in letItAccept.
    }
    requireNonNull(good).awaitMore(20);
    attacker().reset();
  }

  /** More of them than the container has threads. Some are read, and the others refused. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        OPEN + "/_geecache/scores",
        OPEN + "/_geecache/nope",
        OPEN + "/_cluster/meet",
        GUARDED + "/_geecache/scores",
        GUARDED + "/_cluster/changes"
      })
  void bodiesThatDrip(String target) throws Exception {
    String request = head("POST", target, BATCH) + "Content-Length: 1000000\r\n\r\n";
    List<Socket> slow = new ArrayList<>();
    for (int i = 0; i < STALLED; i++) {
      slow.add(attacker().send(request + "a".repeat(100)));
      letItAccept(i);
    }
    for (int i = 0; i < 10; i++) {
      requireNonNull(good).awaitMore(5);
      slow.forEach(socket -> Attacker.write(socket, "a"));
    }
    requireNonNull(good).awaitMore(20);
    attacker().reset();
  }

  @ParameterizedTest
  @ValueSource(strings = {OPEN, GUARDED})
  void headsThatAreTooLong(String site) throws Exception {
    String target = site + "/_geecache/scores/Tom";
    requireRefusal("target", get(target + "a".repeat(100_000), CLOSE));
    requireRefusal("query", get(target + "?" + "a&".repeat(50_000), CLOSE));
    requireRefusal("method", head("G".repeat(100_000), target, CLOSE) + "\r\n");
    requireRefusal("header", get(target, CLOSE + "X: " + "a".repeat(100_000) + "\r\n"));
    requireRefusal("headers", get(target, CLOSE + "X: a\r\n".repeat(10_000)));
    requireRefusal("cookies", get(target, CLOSE + "Cookie: a=b\r\n".repeat(10_000)));
    requireRefusal("secret", get(target, CLOSE + "Authorization: " + "a".repeat(100_000) + "\r\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {OPEN, GUARDED})
  void lengthsThatAreNone(String site) throws Exception {
    for (String length :
        List.of("-1", "0x3", "3, 4", "99999999999999999999", "3\r\nContent-Length: 4", "a")) {
      for (String method : List.of("GET", "POST", "PUT")) {
        requireRefusal(
            method + " " + length,
            head(method, site + "/_geecache/scores/Tom", CLOSE)
                + ("Content-Length: " + length + "\r\n\r\n630"));
      }
    }
  }

  /** The request that is smuggled asks for another key than any other. */
  @ParameterizedTest
  @ValueSource(strings = {OPEN, GUARDED})
  void requestsWithinRequestsAreNotAnswered(String site) throws Exception {
    String smuggled = get(site + "/_geecache/scores/Jack", "");
    for (String coding :
        List.of(
            "Transfer-Encoding: chunked",
            "Transfer-Encoding : chunked",
            "Transfer-Encoding: xchunked",
            "Transfer-Encoding: identity",
            "Transfer-Encoding: chunked, identity",
            "Transfer-Encoding: identity, chunked",
            "Transfer-Encoding: chunked, chunked",
            "Transfer-Encoding:\r\n chunked",
            "Transfer-Encoding: \u000bchunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            " Transfer-Encoding: chunked",
            "X: x\nTransfer-Encoding: chunked",
            "Transfer_Encoding: chunked")) {
      for (String method : List.of("GET", "POST")) {
        String carrier =
            head(method, site + "/_geecache/scores/Sam", coding + "\r\n")
                + ("Content-Length: " + (5 + smuggled.length()) + "\r\n\r\n0\r\n\r\n");
        assertThat(attacker().exchange(carrier + smuggled)).as(coding).doesNotContain("589");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {OPEN, GUARDED})
  void chunksThatAreNone(String site) throws Exception {
    String head =
        head("POST", site + "/_geecache/scores", BATCH + CLOSE)
            + "Transfer-Encoding: chunked\r\n\r\n";
    for (String chunk :
        List.of("-1\r\n", "zz\r\n", "FFFFFFFFFFFFFFFFF\r\n", "80000000\r\n", "\r\n\r\n")) {
      requireRefusal(chunk, head + chunk + "630");
    }
    requireRefusal("extension", head + "1;" + "a".repeat(100_000) + "\r\na\r\n0\r\n\r\n");
    requireRefusal("trailers", head + "1\r\na\r\n0\r\n" + "X: a\r\n".repeat(10_000) + "\r\n");
    requireRefusal("trailer", head + "1\r\na\r\n0\r\nX: " + "a".repeat(100_000) + "\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100_000})
  void pipelinedRequestsAreAnsweredInOrderHoweverTheyAreCut(int piece) throws Exception {
    int count = 50;
    String requests =
        IntStream.range(0, count)
            .mapToObj(i -> OPEN + "/_geecache/scores/" + (i % 2 == 0 ? "Tom" : "Jack"))
            .map(target -> get(target, ""))
            .collect(Collectors.joining());
    String last = get(OPEN + "/_geecache/scores/Tom", CLOSE);
    Socket socket = attacker().connect(0);
    socket.setTcpNoDelay(true);
    String all = requests + last;
    for (int i = 0; i < all.length(); i += piece) {
      Attacker.write(socket, all.substring(i, Math.min(all.length(), i + piece)));
    }
    String answers = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    assertThat(VALUE.matcher(answers).results().map(value -> value.group(1)))
        .isEqualTo(
            IntStream.rangeClosed(0, count).mapToObj(i -> i % 2 == 0 ? "630" : "589").toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {OPEN})
  void connectionsThatSendNothing(String site) throws Exception {
    for (int i = 0; i < idle; i++) {
      attacker().send("");
      letItAccept(i);
    }
    requireNonNull(good).awaitMore(20);
  }

  @ParameterizedTest
  @ValueSource(strings = {OPEN, GUARDED})
  void clientsThatHangUp(String site) throws Exception {
    for (int i = 0; i < CONNECTIONS; i++) {
      attacker().send(get(site + "/_geecache/scores/Tom", "")).setSoLinger(true, 0);
      letItAccept(i);
      if (i % 50 == 49) {
        attacker().reset();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {OPEN, GUARDED})
  void clientsThatDoNotRead(String site) throws Exception {
    String requests = get(site + "/geecache.js", "").repeat(100);
    for (int i = 0; i < HELD; i++) {
      Socket socket = attacker().connect(4096);
      Attacker.write(socket, requests);
      letItAccept(i);
    }
    requireNonNull(good).awaitMore(20);
    attacker().reset();
  }

  /** More of them than the container has threads, which is then to hang up on them. */
  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST"})
  void clientsThatStopReadingALargeValue(String method) throws Exception {
    Iterator<Socket> stalled = stopReading(attacker(), method, requireNonNull(good)).iterator();
    requireNonNull(good).awaitMore(20);
    Awaitility.await("the container hangs up")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(5))
        .until(() -> isCut(stalled.next()));
    attacker().reset();
  }

  private static List<Socket> stopReading(Attacker attacker, String method, GoodClient client)
      throws IOException, InterruptedException {
    String target = LARGE + "/_geecache/big";
    String request =
        method.equals("GET") ? get(target + "/a", "") : post(target, BATCH, batch(List.of("a")));
    List<Socket> stalled = new ArrayList<>();
    for (int i = 0; i < STALLED; i++) {
      Socket socket = attacker.connect(4096);
      Attacker.write(socket, request);
      stalled.add(socket);
      letItAccept(i, client);
    }
    return stalled;
  }

  /** Reads what has come, and tells whether the connection ends before the value does. */
  private static boolean isCut(Socket socket) {
    try {
      return socket.getInputStream().readNBytes(LARGE_BYTES).length < LARGE_BYTES;
    } catch (SocketTimeoutException open) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {OPEN, GUARDED})
  void batchesBeyondTheirLimits(String site) throws Exception {
    String target = site + "/_geecache/scores";
    String longest = "k".repeat(2048);
    requireRefusal(
        "keys",
        post(
            target,
            BATCH + CLOSE,
            batch(IntStream.range(0, 1025).mapToObj(i -> "k" + i).toList())));
    requireRefusal("bytes", post(target, BATCH + CLOSE, "a".repeat((4 << 20) + 1)));
    requireRefusal("cut", post(target, BATCH + CLOSE, batch(List.of(longest)).substring(0, 1000)));
    requireRefusal("type", post(target, CLOSE, batch(List.of("Tom"))));
    requireRefusal("length", post(target, BATCH + CLOSE, "\u0012\u00ff\u00ff\u00ff\u00ff\u0007"));
    requireRefusal("depth", post(target, BATCH + CLOSE, "\u0013".repeat(10_000)));
    requireRefusal("group", post(site + "/_geecache/nope", BATCH + CLOSE, batch(List.of("Tom"))));
    for (String path :
        List.of(
            "/_cluster/meet",
            "/_cluster/changes",
            "/_cluster/handoff?group=scores",
            "/_cluster/leave")) {
      requireRefusal(path, post(site + path, CLOSE, "\n\u00ff\u00ff\u00ff\u00ff\u0007"));
    }
    String largest = batch(IntStream.range(0, 1024).mapToObj(i -> "Tom").toList());
    String answer = attacker().exchange(post(target, BATCH + CLOSE, largest));
    assertThat(answer).startsWith(site.equals(OPEN) ? "HTTP/1.1 200 " : "HTTP/1.1 401 ");
  }

  private static String batch(List<String> keys) {
    return new String(BatchConnection.request(false, keys), ISO_8859_1);
  }

  @ParameterizedTest
  @ValueSource(strings = {OPEN, GUARDED})
  void changedAndRandomBytes(String site) throws Exception {
    Random random = new Random(SEED);
    List<String> messages =
        List.of(
            get(site + "/_geecache/scores/Tom", "If-None-Match: \"a\"\r\n"),
            get(site + "/_geecache/scores?key=%F0%9F%98%80", "Geecache-Peer: 1-1\r\n"),
            get(site + "/_groupcache/scores/Tom", "Authorization: Bearer " + SECRET + "x\r\n"),
            get(site + "/health/ready", ""),
            get(site + "/_geecache/scores/%2e%2e/Tom;a=b", "Cache-Control: only-if-cached\r\n"),
            post(site + "/_geecache/scores", BATCH, batch(List.of("Tom", "Jack"))),
            post(site + "/_cluster/meet", "Geecache-Peer: 1-1\r\n", "\n\u0003abc\u0010\u0001"),
            head("PUT", site + "/_geecache/scores/Tom", "Transfer-Encoding: chunked\r\n")
                + "\r\n3\r\n631\r\n0\r\n\r\n");
    for (int sent = 0; sent < MUTATIONS; ) {
      List<Socket> sockets = new ArrayList<>();
      List<String> bytes = new ArrayList<>();
      for (int i = 0; i < HELD && sent < MUTATIONS; i++, sent++) {
        bytes.add(mutated(messages.get(random.nextInt(messages.size())), random));
        sockets.add(attacker().send(bytes.get(i)));
        letItAccept(i);
      }
      requireNonNull(good).awaitMore(2);
      for (int i = 0; i < sockets.size(); i++) {
        assertThat(available(sockets.get(i)))
            .as("seed %d: %s", SEED, bytes.get(i))
            .doesNotContain("Geecache-Status: internal-error")
            .doesNotMatch("(?s)HTTP/1\\.1 500(?!.*Geecache-Status: load-failed).*");
      }
      attacker().reset();
    }
  }

  /** Only the random half of a greeting is answered, by another. */
  @Test
  void changedAndRandomBytesAtThePortOfJGroups() throws Exception {
    Random random = new Random(SEED);
    String greeting = "gcj2" + "\u00a5".repeat(16);
    List<String> messages =
        List.of(
            greeting,
            greeting + "\0\u0010" + "\u005a".repeat(16),
            greeting + "\u00ff\u00ff" + "a".repeat(70_000),
            "bela\u0014\u0001\0\u0007\u0004\u007f\0\0\u0001\u001e\u0078\0\0\0\u0044"
                + "a".repeat(68),
            get("/", ""));
    try (Attacker strangers = new Attacker(jgroupsPort)) {
      for (int sent = 0; sent < MUTATIONS; ) {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < QUEUED && sent < MUTATIONS; i++, sent++) {
          String message = messages.get(random.nextInt(messages.size()));
          sockets.add(strangers.send(mutated(message, random)));
        }
        requireNonNull(good).awaitMore(2);
        assertThat(sockets).allMatch(socket -> available(socket).matches("(?s)(gcj2.{16})?"));
        strangers.reset();
      }
      assertThat(strangers.exchange(greeting)).matches("(?s)gcj2.{16}");
    }
    assertThat(new Wire(container.port()).answers(SEALED + "/health/ready")).isTrue();
  }

  private static String available(Socket socket) {
    try {
      return new String(
          socket.getInputStream().readNBytes(socket.getInputStream().available()), ISO_8859_1);
    } catch (IOException reset) {
      return "";
    }
  }

  /** Changes, leaves out or repeats some bytes; each tenth message is made of nothing else. */
  private static String mutated(String message, Random random) {
    StringBuilder bytes = new StringBuilder(message);
    if (random.nextInt(10) == 0) {
      bytes.setLength(0);
      random.ints(1 + random.nextInt(500), 0, 256).forEach(octet -> bytes.append((char) octet));
      return bytes.toString();
    }
    for (int i = 1 + random.nextInt(4); i > 0 && bytes.length() > 1; i--) {
      int at = random.nextInt(bytes.length());
      int end = Math.min(bytes.length(), at + 1 + random.nextInt(20));
      switch (random.nextInt(4)) {
        case 0 -> bytes.setCharAt(at, (char) random.nextInt(256));
        case 1 -> bytes.delete(at, end);
        case 2 -> bytes.insert(at, bytes.substring(at, end));
        default -> bytes.insert(at, "\0\r\n %;/?#:".charAt(random.nextInt(10)));
      }
    }
    return bytes.toString();
  }
}
