package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Answers as golang/groupcache does behind Go's ServeMux: each key is its own value, but for those
 * that begin with what {@link #answer} names. Notes what it was asked.
 */
final class FakeGoNode implements AutoCloseable {
  private static final String PATH = "/_groupcache/";
  private static final String ERROR_TYPE = "text/plain; charset=utf-8";

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final CountDownLatch slow = new CountDownLatch(1);
  private final HttpServer server;

  /** Whether it says nothing any more, not even to a probe. */
  volatile boolean hung;

  /** What a path without a key is answered by; groupcache's own unless a test sets another. */
  volatile int probeCode = 400;

  FakeGoNode() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Returns the raw paths below {@code /_groupcache/} that it was asked for, probes left out. */
  List<String> asked() {
    return asked;
  }

  List<String> authorizations() {
    return authorizations;
  }

  void awaitSlow() throws InterruptedException {
    slow.await();
  }

  /** Lets it answer what it is slow with, or has hung with. */
  void goOn() {
    goOn.countDown();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String raw = exchange.getRequestURI().getRawPath();
    authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    if (hung) {
      await();
    }
    if (raw.equals(PATH)) {
      error(exchange, probeCode, "bad request");
      return;
    }
    String rest = raw.substring(PATH.length());
    asked.add(rest);
    String key = PercentCoding.decode(rest.substring(rest.indexOf('/') + 1), false);
    answer(exchange, key);
  }

  private void answer(HttpExchange exchange, String key) throws IOException {
    switch (key.replaceFirst("[-0-9].*", "")) {
      case "fails" -> error(exchange, 500, "pq: password of admin@db is wrong");
      case "nogroup" -> error(exchange, 404, "no such group: g");
      case "unmapped" -> error(exchange, 404, "404 page not found");
      case "proxy" -> send(exchange, 500, "text/html", "<h1>oops</h1>".getBytes(UTF_8));
      case "gateway" -> send(exchange, 502, "text/html", "<h1>oops</h1>".getBytes(UTF_8));
      case "page" -> send(exchange, 200, "text/html", new byte[0]);
      case "login" -> moved(exchange, 302, "/login");
      case ".." -> moved(exchange, 301, PATH);
      case "broken" -> value(exchange, new byte[] {0x0a, 0x04, '6'});
      case "huge" -> value(exchange, GroupcacheCodec.encode(new byte[2_000]));
      case "empty" -> value(exchange, new byte[0]);
      case "slow" -> {
        slow.countDown();
        await();
        value(exchange, GroupcacheCodec.encode(key.getBytes(UTF_8)));
      }
      default -> value(exchange, GroupcacheCodec.encode(key.getBytes(UTF_8)));
    }
  }

  private void await() throws IOException {
    try {
      goOn.await();
    } catch (InterruptedException closed) {
      throw new IOException(closed);
    }
  }

  private static void moved(HttpExchange exchange, int code, String where) throws IOException {
    exchange.getResponseHeaders().set("Location", where);
    send(exchange, code, "text/html; charset=utf-8", "<a>Moved</a>".getBytes(UTF_8));
  }

  private static void value(HttpExchange exchange, byte[] message) throws IOException {
    send(exchange, 200, "application/x-protobuf", message);
  }

  private static void error(HttpExchange exchange, int code, String message) throws IOException {
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    send(exchange, code, ERROR_TYPE, (message + "\n").getBytes(UTF_8));
  }

  private static void send(HttpExchange exchange, int code, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    goOn.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
