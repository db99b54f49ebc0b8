package geecache.containers;

import geecache.containers.library.LibraryListener;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/**
 * Three nodes in a Tomcat each, with the groups of {@link LibraryListener} and the operator's page,
 * for suites outside of this package. Not for use by several threads.
 */
public final class OperatedNodes implements AutoCloseable {
  /** What the page asks for. */
  public static final String SECRET = Site.SECRET;

  private static final int NODES = 3;
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final String JVM = "-Xmx192m -XX:+UseSerialGC";

  private final List<TomcatNode> nodes = new ArrayList<>();

  /**
   * Prepares empty directories.
   *
   * @param name how their names begin; no two under way may share it
   */
  public OperatedNodes(String name) throws IOException {
    for (int i = 0; i < NODES; i++) {
      nodes.add(new TomcatNode(name + "-" + i, JVM));
    }
  }

  /** Starts all, and returns when each answers, and is in contact with another. */
  public void start() throws IOException {
    for (TomcatNode node : nodes) {
      node.start();
    }
    for (int i = 0; i < NODES; i++) {
      Map<String, String> settings =
          Map.of(
              "geecache.self",
              url(i),
              "geecache.peers",
              String.join(",", urls()),
              "geecache.secret",
              SECRET,
              "geecache.dashboard",
              "true");
      nodes.get(i).make(settings, LibraryListener.class, parts());
      nodes.get(i).deploy();
    }
    for (int i = 0; i < NODES; i++) {
      awaitReady(i);
    }
  }

  private static Class<?>[] parts() {
    return LibraryListener.PARTS.toArray(Class<?>[]::new);
  }

  private void awaitReady(int index) {
    Wire wire = new Wire(nodes.get(index).port());
    Awaitility.await("200 from " + url(index))
        .atMost(START_LIMIT)
        .until(() -> wire.answers("/health/ready"));
  }

  /** Returns the base URL of a node, by its place from 0. */
  public String url(int index) {
    return "http://127.0.0.1:" + nodes.get(index).port();
  }

  /** Returns the base URLs of all nodes. */
  public List<String> urls() {
    return nodes.stream().map(node -> "http://127.0.0.1:" + node.port()).toList();
  }

  /** Asks a node for a key, so many times in a row. */
  public void get(int index, String group, String key, int times) throws IOException {
    String target = "/_geecache/" + group + "?key=" + AwkwardKeys.encode(key);
    try (Client client = new Client(nodes.get(index).port())) {
      for (int i = 0; i < times; i++) {
        client.send("GET", target, ClusterSite.CREDENTIALS, null);
      }
    }
  }

  /** Ends a node at once, as a crash would. */
  public void kill(int index) {
    nodes.get(index).kill();
  }

  /** Starts a node that was killed, and returns when it is ready. */
  public void restart(int index) throws IOException {
    nodes.get(index).restart();
    awaitReady(index);
  }

  @Override
  public void close() {
    nodes.forEach(TomcatNode::close);
  }
}
