package geecache.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * The source, a process of its own: {@code GET /value/{key}} answers {@code key:version} and is
 * counted, {@code POST /value/{key}} makes another version and answers it, {@code POST /values}
 * does so for each key of the body and answers the versions, {@code GET /calls} answers the count.
 * Writes its port to its standard output, and ends with its standard input.
 *
 * <p>It reads the version first and takes its time afterwards, mostly little: so there are always
 * loads under way with a value that is being changed.
 */
final class Origin {
  private static final int ONE_IN = 50;
  private static final int LONG_MILLIS = 250;
  private static final int SHORT_MILLIS = 5;

  private final ConcurrentHashMap<String, AtomicLong> versions = new ConcurrentHashMap<>();
  private final AtomicLong calls = new AtomicLong();

  private Origin() {}

  /** Serves until the standard input ends. */
  public static void main(String[] args) throws IOException {
    Origin origin = new Origin();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    ExecutorService threads = Executors.newCachedThreadPool();
    server.setExecutor(threads);
    server.createContext("/value/", origin::value);
    server.createContext("/values", origin::values);
    server.createContext("/calls", exchange -> answer(exchange, origin.calls.toString()));
    server.start();
    System.out.println(server.getAddress().getPort());
    while (System.in.read() >= 0) {
      continue;
    }
    System.exit(0);
  }

  private void value(HttpExchange exchange) throws IOException {
    String key = exchange.getRequestURI().getPath().substring("/value/".length());
    AtomicLong version = version(key);
    if (exchange.getRequestMethod().equals("POST")) {
      answer(exchange, String.valueOf(version.incrementAndGet()));
      return;
    }
    calls.incrementAndGet();
    String value = key + ":" + version;
    ThreadLocalRandom random = ThreadLocalRandom.current();
    int most = random.nextInt(ONE_IN) == 0 ? LONG_MILLIS : SHORT_MILLIS;
    try {
      Thread.sleep(random.nextInt(most));
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
    }
    answer(exchange, value);
  }

  private void values(HttpExchange exchange) throws IOException {
    String keys = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    answer(
        exchange,
        keys.lines()
            .map(key -> String.valueOf(version(key).incrementAndGet()))
            .collect(Collectors.joining("\n")));
  }

  private AtomicLong version(String key) {
    return versions.computeIfAbsent(key, unasked -> new AtomicLong());
  }

  private static void answer(HttpExchange exchange, String text) throws IOException {
    byte[] body = text.getBytes(UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
