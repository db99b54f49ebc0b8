package geecache.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP server that gives the answers it is told to, and records the requests. */
final class Origin implements AutoCloseable {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private final List<HttpExchange> asked = new CopyOnWriteArrayList<>();
  private volatile HttpHandler next = answer(200, "value");

  Origin() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          asked.add(exchange);
          next.handle(exchange);
        });
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** From now on answers so; {@code headers} are names and values in turn. */
  void answers(int code, String body, String... headers) {
    next = answer(code, body, headers);
  }

  void answersBy(HttpHandler handler) {
    next = handler;
  }

  static HttpHandler answer(int code, String body, String... headers) {
    return exchange -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      byte[] bytes = body.getBytes(UTF_8);
      exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
      exchange.close();
    };
  }

  /** The raw paths and queries so far. */
  List<String> asked() {
    return asked.stream().map(exchange -> exchange.getRequestURI().toString()).toList();
  }

  /** A header of the last request; null if it had none of that name. */
  String lastHeader(String name) {
    return asked.get(asked.size() - 1).getRequestHeaders().getFirst(name);
  }

  /** The ports that requests came from. */
  long connections() {
    return asked.stream().map(HttpExchange::getRemoteAddress).distinct().count();
  }

  Map<String, List<String>> lastHeaders() {
    return asked.get(asked.size() - 1).getRequestHeaders();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
