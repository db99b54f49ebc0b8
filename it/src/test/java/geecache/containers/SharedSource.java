package geecache.containers;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The source of a cluster, which notes who loaded what. Keys that begin with {@code cold} are not
 * answered before the test lets them.
 */
final class SharedSource implements AutoCloseable {
  private final Map<String, List<String>> loads = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> reached = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> opened = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;

  SharedSource() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  static String valueOf(String key) {
    return "the value of " + key;
  }

  /** Returns the URL to which {@code node} is to append its keys. */
  String urlFor(String node) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/?" + node + "&";
  }

  /** Returns the nodes that loaded {@code key}, in order. */
  List<String> loadsOf(String key) {
    return List.copyOf(loads.getOrDefault(key, List.of()));
  }

  void awaitLoadOf(String key) throws InterruptedException {
    latch(reached, key).await();
  }

  void open(String key) {
    latch(opened, key).countDown();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getRawQuery();
    int border = query.lastIndexOf('&');
    String node = query.substring(0, border);
    String key = URLDecoder.decode(query.substring(border + 1), UTF_8);
    loads.computeIfAbsent(key, k -> new CopyOnWriteArrayList<>()).add(node);
    if (key.startsWith("cold")) {
      latch(reached, key).countDown();
      await(latch(opened, key));
    }
    byte[] value = valueOf(key).getBytes(UTF_8);
    exchange.sendResponseHeaders(200, value.length);
    exchange.getResponseBody().write(value);
    exchange.close();
  }

  private static CountDownLatch latch(Map<String, CountDownLatch> latches, String key) {
    return latches.computeIfAbsent(key, k -> new CountDownLatch(1));
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException closed) {
      throw new IOException(closed);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
