package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import geecache.cluster.Meeting;
import geecache.cluster.Removal;
import geecache.cluster.Sender;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A node of version 1, as other nodes see it over HTTP: each key has the value {@code old:} and the
 * key. It notes what it is asked and told, one line each.
 */
final class VersionOneNode implements AutoCloseable {
  private static final long ID = 0xdecaf;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private final List<String> requests = new ArrayList<>();

  /** Whether it answers no request; guarded by this, as are the requests. */
  private boolean away;

  VersionOneNode() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Returns the mark of a request of this node. */
  static String mark(long number) {
    return PeerHeaders.of(new Sender(ID, number));
  }

  synchronized void goAway() {
    away = true;
  }

  synchronized void comeBack() {
    away = false;
  }

  /** Returns what it was asked and told since this was called last. */
  synchronized List<String> requests() {
    List<String> taken = List.copyOf(requests);
    requests.clear();
    return taken;
  }

  /** Returns the changes among them. */
  List<String> changes() {
    return requests().stream().filter(request -> !request.startsWith("GET ")).toList();
  }

  private synchronized boolean isAway(String request) {
    if (!away && !request.isEmpty()) {
      requests.add(request);
    }
    return away;
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    String path = exchange.getRequestURI().getRawPath();
    String query = exchange.getRequestURI().getRawQuery();
    switch (path) {
      case "/_cluster/meet" -> {
        Meeting meeting = ClusterCodec.readMeeting(body);
        send(exchange, said(meeting), VersionOne.acknowledgement(url()));
      }
      case "/_cluster/change" -> {
        String removed = shown(VersionOneCodec.readChange(body).removed());
        send(exchange, "change " + query + removed, VersionOne.acknowledgement(url()));
      }
      default -> {
        if (exchange.getRequestMethod().equals("GET")) {
          String key = path.substring(path.lastIndexOf('/') + 1);
          send(exchange, "GET " + key + headers(exchange), ("old:" + key).getBytes(UTF_8));
        } else {
          isAway("refused " + path);
          send(exchange, 404, "bad-request", "no such path below /_cluster\n".getBytes(UTF_8));
        }
      }
    }
  }

  /** Returns nothing for a meeting that tells nothing. */
  private static String said(Meeting meeting) {
    boolean leaves = meeting.standing().leaving();
    return meeting.clear() || !meeting.removed().isEmpty() || leaves
        ? "meeting"
            + (meeting.clear() ? " clear" : "")
            + (leaves ? " leaving" : "")
            + shown(meeting.removed())
        : "";
  }

  private static String shown(List<Removal> removed) {
    StringBuilder shown = new StringBuilder();
    removed.forEach(each -> shown.append(' ').append(each.key() == null ? "*" : each.key()));
    return shown.toString();
  }

  /** Returns those that a peek has. */
  private static String headers(HttpExchange exchange) {
    String cacheControl = exchange.getRequestHeaders().getFirst("Cache-Control");
    return cacheControl == null ? "" : " " + cacheControl;
  }

  private void send(HttpExchange exchange, String request, byte[] body) throws IOException {
    if (isAway(request)) {
      exchange.close();
    } else {
      send(exchange, 200, "ok", body);
    }
  }

  private static void send(HttpExchange exchange, int code, String status, byte[] body)
      throws IOException {
    Sender asking = PeerHeaders.parseSender(exchange.getRequestHeaders().getFirst("Geecache-Peer"));
    exchange.getResponseHeaders().add("Geecache-Peer", mark(asking.number()));
    exchange.getResponseHeaders().add("Geecache-Status", status);
    exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
