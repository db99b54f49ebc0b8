package geecache.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.Geecache;
import geecache.Group;
import geecache.http.HTTPPool;
import java.io.IOException;
import java.net.URLEncoder;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A node of a {@link TestCluster}: a servlet container at a port of its own, with geecache in it.
 * Requests may be sent by many threads, and while it is stopped and restarted by another one.
 */
public final class TestNode implements AutoCloseable {
  private final int index;
  private final String contextPath;
  private final int port;
  private final @Nullable FaultyPeer front;

  /** Guarded by this, as all below. */
  private final Map<String, String> settings = new LinkedHashMap<>();

  private NodeParts parts = NodeParts.none();

  /** Null while it is stopped; then {@link #reserved} holds the port until it is closed. */
  private @Nullable NodeServer server;

  private @Nullable ReservedPort reserved;
  private boolean closed;

  /**
   * Opens the node's port, and its front's, so that both have a URL before anything starts.
   *
   * @param tls that of its front; null for none
   */
  TestNode(int index, String contextPath, boolean fronted, @Nullable SSLContext tls) {
    this.index = index;
    this.contextPath = contextPath;
    NodeServer opened = open(0);
    server = opened;
    port = opened.port();
    front = fronted ? FaultyPeer.inFrontOf(ownUrl(), tls) : null;
  }

  private NodeServer open(int atPort) {
    return new NodeServer("node-" + index, atPort, contextPath);
  }

  /** Starts it for the first time. */
  synchronized void start(Map<String, String> initially, NodeParts madeOf) {
    settings.putAll(initially);
    parts = madeOf;
    running().start(settings, parts);
  }

  /** Returns its place in the cluster, from 0. */
  public int index() {
    return index;
  }

  /** Returns the base URL that peers know it by: that of its front, if it has one. */
  public String url() {
    return front == null ? ownUrl() : front.url();
  }

  private String ownUrl() {
    return "http://127.0.0.1:" + port + prefix();
  }

  private String prefix() {
    return contextPath.equals("/") ? "" : contextPath;
  }

  /** Returns the settings that it has at the next start, or has been started with. */
  synchronized Map<String, String> settings() {
    return Map.copyOf(settings);
  }

  /**
   * Returns the node of its application, another one after each restart.
   *
   * @throws IllegalStateException while it is stopped
   */
  public synchronized Geecache geecache() {
    return running().geecache();
  }

  /**
   * Returns what it knows of its peers.
   *
   * @throws IllegalStateException while it is stopped
   */
  public synchronized HTTPPool pool() {
    return running().pool();
  }

  synchronized boolean isRunning() {
    return server != null;
  }

  /**
   * Returns one of its groups.
   *
   * @throws IllegalStateException if it has none of that name, or is stopped
   */
  public Group group(String name) {
    return geecache()
        .find(name)
        .orElseThrow(() -> new IllegalStateException("node " + index + " has no group " + name));
  }

  /**
   * Returns what stands between it and its peers.
   *
   * @throws IllegalStateException if the cluster was built without fronts
   */
  public FaultyPeer front() {
    if (front == null) {
      throw new IllegalStateException("the cluster was built without fronts");
    }
    return front;
  }

  /**
   * Asks for a key over HTTP, past the front.
   *
   * @throws IOException if it is stopped, or stops before it has answered
   */
  public Response get(String group, String key) throws IOException {
    return request("GET", "/_geecache/" + encode(group) + "?key=" + encode(key), Map.of(), null);
  }

  /**
   * Sends a request as it stands, past the front, and waits for the whole answer.
   *
   * @param pathAndQuery below the context path, encoded
   * @param headers beside {@code Host}, {@code Connection} and {@code Content-Length}, or instead
   * @param body null for none
   * @throws IOException if it is stopped, or stops before it has answered
   */
  public Response request(
      String method, String pathAndQuery, Map<String, String> headers, byte @Nullable [] body)
      throws IOException {
    return Response.to(port, method, prefix() + pathAndQuery, headers, body);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20");
  }

  /** Changes a setting, from the next restart on. */
  public synchronized void setting(String name, String value) {
    settings.put(name, value);
  }

  /**
   * Kills it: its connections end at whatever they are, connecting to it or to its front is
   * refused, and its port stays its own. Does nothing if it is stopped.
   */
  public synchronized void stop() {
    if (server == null) {
      return;
    }
    if (front != null) {
      front.beAway(true);
    }
    try {
      server.stop();
    } finally {
      server = null;
      reserved = new ReservedPort(port);
    }
  }

  /**
   * Starts it anew, at the same URL, with the same groups and nothing in them. Stops it first if
   * need be.
   *
   * @throws RuntimeException whatever it or its groups fail with; then it is stopped
   */
  public synchronized void restart() {
    if (closed) {
      throw new IllegalStateException("node " + index + " is closed");
    }
    stop();
    unreserve();
    server = open(port);
    try {
      server.start(settings, parts);
    } catch (RuntimeException | Error failure) {
      stop();
      throw failure;
    }
    if (front != null) {
      front.beAway(false);
    }
  }

  /** Stops it for good, and gives its port up. Closing twice does nothing. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      stop();
    } finally {
      if (front != null) {
        front.close();
      }
      unreserve();
    }
  }

  private void unreserve() {
    if (reserved != null) {
      reserved.close();
      reserved = null;
    }
  }

  private NodeServer running() {
    if (server == null) {
      throw new IllegalStateException("node " + index + " is stopped");
    }
    return server;
  }
}
