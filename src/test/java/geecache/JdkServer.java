package geecache;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The JDK's own HTTP server: {@code /} is {@link #VALUE}, {@code /chunked} the same in chunks,
 * {@code /empty} nothing, {@code /slow} half an answer until {@link #goOn}, and {@code /echo} what
 * was asked. Every answer has {@code X-Node: jdk}.
 */
public final class JdkServer implements AutoCloseable {
  public static final String VALUE = "0123456789".repeat(100);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<InetSocketAddress> clients = ConcurrentHashMap.newKeySet();
  private final AtomicInteger answers = new AtomicInteger();
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final HttpServer server;

  /** Starts at a port of 127.0.0.1; 0 for a free one. */
  public JdkServer(int port) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(threads);
    byte[] value = VALUE.getBytes(UTF_8);
    server.createContext("/", exchange -> answer(exchange, value, value.length));
    server.createContext("/chunked", exchange -> answer(exchange, value, 0));
    server.createContext("/empty", exchange -> answer(exchange, value, -1));
    server.createContext("/slow", this::answerSlowly);
    server.createContext("/echo", this::echo);
    server.start();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public String url() {
    return "http://127.0.0.1:" + port();
  }

  /** Returns how many requests came. */
  public int requests() {
    return answers.get();
  }

  /** Returns over how many connections they came. */
  public int connections() {
    return clients.size();
  }

  /** Lets {@code /slow} answer to its end. */
  public void goOn() {
    goOn.countDown();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  /** The length is as in the server's own API: 0 for chunks, -1 for no body. */
  private void answer(HttpExchange exchange, byte[] body, long length) throws IOException {
    exchange.getRequestBody().readAllBytes();
    boolean empty = length < 0 || exchange.getRequestMethod().equals("HEAD");
    begin(exchange, empty ? -1 : length);
    if (!empty) {
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  private void begin(HttpExchange exchange, long length) throws IOException {
    answers.incrementAndGet();
    clients.add(exchange.getRemoteAddress());
    exchange.getResponseHeaders().add("X-Node", "jdk");
    exchange.sendResponseHeaders(200, length);
  }

  private void answerSlowly(HttpExchange exchange) throws IOException {
    begin(exchange, 0);
    try (OutputStream body = exchange.getResponseBody()) {
      body.write("first".getBytes(UTF_8));
      body.flush();
      goOn.await(60, TimeUnit.SECONDS);
      body.write("second".getBytes(UTF_8));
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void echo(HttpExchange exchange) throws IOException {
    String client = exchange.getRequestHeaders().getFirst("X-Client");
    String head = exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + client + " ";
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    answer.write(head.getBytes(UTF_8));
    exchange.getRequestBody().transferTo(answer);
    answer(exchange, answer.toByteArray(), answer.size());
  }
}
