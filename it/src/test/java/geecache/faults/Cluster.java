package geecache.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.containers.TomcatNode;
import java.io.Closeable;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * The processes of a run: nodes, source and callers, and the links between the nodes. Whatever it
 * does to one is noted by the callers' process first, and whatever it undoes afterwards. For use by
 * many threads, but by one at a time for each node.
 */
final class Cluster implements AutoCloseable {
  static final int NODES = 5;

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int PORT_ATTEMPTS = 30;
  private static final String SECRET = "a-secret-of-the-faults";
  private static final String JVM = "-Xmx192m -XX:+UseSerialGC";

  private final Path directory;
  private final Journal journal;
  private final Network network = new Network(NODES);
  private final List<TomcatNode> nodes = new ArrayList<>();
  private final CompletableFuture<String> originPort = new CompletableFuture<>();
  private final Child origin;
  private final List<Closeable> open = new ArrayList<>();
  private Child callers;

  /**
   * Starts all, and returns when every node answers.
   *
   * @param directory for logs
   * @param seed of what is asked for
   */
  Cluster(Path directory, Journal journal, long seed) throws Exception {
    this.directory = directory;
    this.journal = journal;
    try {
      origin =
          new Child(Origin.class, List.of(), directory.resolve("origin.log"), originPort::complete);
      open.add(origin::close);
      open.add(network::close);
      startNodes();
      callers =
          new Child(Callers.class, arguments(seed), directory.resolve("callers.log"), journal::add);
      open.add(callers::close);
      for (int node = 0; node < NODES; node++) {
        note("up " + node);
      }
    } catch (Throwable failure) {
      close();
      throw failure;
    }
  }

  private void startNodes() throws Exception {
    for (int node = 0; node < NODES; node++) {
      Path hosts = network.hosts(node, directory).toAbsolutePath();
      TomcatNode tomcat = new TomcatNode("faults-" + node, JVM + " -Djdk.net.hosts.file=" + hosts);
      nodes.add(tomcat);
      open.add(tomcat::close);
      tomcat.start();
    }
    network.open(nodes.stream().map(TomcatNode::port).toList());
    for (int node = 0; node < NODES; node++) {
      nodes.get(node).make(settings(node), Versions.class, Controls.class);
      nodes.get(node).deploy();
    }
    for (int node = 0; node < NODES; node++) {
      awaitAnswer(node);
    }
  }

  private List<String> arguments(long seed) {
    List<String> arguments = new ArrayList<>(List.of(String.valueOf(seed), origin(), SECRET));
    nodes.forEach(node -> arguments.add("http://127.0.0.1:" + node.port()));
    return arguments;
  }

  private String origin() {
    return "http://127.0.0.1:" + originPort.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
  }

  private Map<String, String> settings(int node) {
    List<String> urls = urls();
    Map<String, String> settings = new HashMap<>();
    settings.put("geecache.self", urls.get(node));
    settings.put("geecache.peers", String.join(",", urls));
    settings.put("geecache.secret", SECRET);
    settings.put("geecache.public-reads", "true");
    settings.put(Versions.ORIGIN, origin());
    return settings;
  }

  /** Returns the URL of each node, as all nodes know it. */
  private List<String> urls() {
    List<String> urls = new ArrayList<>();
    for (int node = 0; node < NODES; node++) {
      urls.add("http://" + Network.host(node) + ":" + nodes.get(node).port());
    }
    return urls;
  }

  /** Has the callers' process note {@code text}, and returns when it has. */
  void note(String text) throws IOException {
    CompletableFuture<Void> noted = journal.await(text);
    callers.tell(text);
    noted.join();
  }

  void kill(int node) throws IOException {
    note("down " + node + " by kill -9");
    nodes.get(node).kill();
  }

  void stop(int node) throws IOException {
    note("down " + node + " by an end in order");
    nodes.get(node).close();
  }

  /** Starts a node again that was killed or stopped. */
  void restart(int node) throws Exception {
    note("gone " + node);
    for (int attempt = 1; ; attempt++) {
      try {
        nodes.get(node).restart();
        break;
      } catch (IllegalStateException portTaken) { // By a connection of somebody else, for a while.
        if (attempt == PORT_ATTEMPTS) {
          throw portTaken;
        }
        TimeUnit.SECONDS.sleep(1);
      }
    }
    awaitAnswer(node);
    note("up " + node);
  }

  /** Has a node leave, and returns when it has; it goes on to answer. */
  void leave(int node) throws IOException {
    note("leaving " + node);
    note("left " + node + " " + post(node, "/_cluster/leave", List.of()).strip());
  }

  /** Undeploys a node's application; its process lives on. */
  void undeploy(int node) throws IOException {
    note("down " + node + " by undeploy");
    nodes.get(node).undeploy();
    Awaitility.await("the undeploy of node " + node)
        .atMost(LIMIT)
        .ignoreExceptions()
        .until(() -> status(node) == null);
  }

  void deploy(int node) throws IOException {
    note("gone " + node);
    nodes.get(node).deploy();
    awaitAnswer(node);
    note("up " + node);
  }

  void pause(int node) throws Exception {
    note("paused " + node);
    signal("STOP", node);
  }

  void resume(int node) throws Exception {
    signal("CONT", node);
    note("resumed " + node);
  }

  private void signal(String name, int node) throws Exception {
    for (ProcessHandle process : nodes.get(node).processes()) {
      Child.signal(name, process);
    }
  }

  void cut(List<String> links, Link.State how) throws IOException {
    note("cut " + String.join(" ", links) + " " + how);
    network.become(links, how);
  }

  void join(List<String> links) throws IOException {
    network.become(links, Link.State.OPEN);
    note("joined " + String.join(" ", links));
  }

  /**
   * Has some nodes not see others any more, as if their lists were short.
   *
   * @param links from the node that does not see to the one that is not seen
   */
  void hide(List<String> links) throws IOException {
    note("hid " + String.join(" ", links));
    for (int node = 0; node < NODES; node++) {
      see(node, links, links);
    }
  }

  /** Undoes {@link #hide}. */
  void show(List<String> links) throws IOException {
    for (int node = 0; node < NODES; node++) {
      see(node, links, List.of());
    }
    note("shown " + String.join(" ", links));
  }

  /** Tells a node its list, if it is the first of one of {@code links}. */
  private void see(int node, List<String> links, List<String> hidden) {
    List<String> urls = urls();
    List<String> seen = new ArrayList<>();
    boolean concerned = false;
    for (int other = 0; other < NODES; other++) {
      concerned |= links.contains(Times.link(node, other));
      if (!hidden.contains(Times.link(node, other))) {
        seen.add(urls.get(other));
      }
    }
    if (concerned) {
      try {
        post(node, Controls.SEE, seen);
      } catch (IOException notThere) {
        return; // It sees all when it comes.
      }
    }
  }

  /** Returns the first of {@code keys} that {@code node} owns, as it sees it. */
  Optional<String> owned(int node, List<String> keys) throws IOException {
    return post(node, Controls.OWNED, keys).lines().findFirst();
  }

  /**
   * Begins to have keys removed in bulk. Returns a future that is done when that is over; some keys
   * are read a little later.
   */
  CompletableFuture<Void> removeInBulk(int remover) throws IOException {
    CompletableFuture<Void> over = journal.await(Callers.BULK_OVER);
    note(Callers.BULK + remover);
    return over;
  }

  /** Begins to have a key set through one node, and changed through all others but its owner. */
  void changeMuch(String key, int setter, int owner) throws IOException {
    note("%s%s %d %d".formatted(Callers.CROWD, key, setter, owner));
  }

  /** Ends that, with a last change. */
  void endChanges() throws IOException {
    CompletableFuture<Void> over = journal.await(Callers.CROWD_OVER);
    note(Callers.CROWD_ENDS);
    over.join();
  }

  private String post(int node, String path, List<String> lines) throws IOException {
    HttpURLConnection connection = open(node, path);
    connection.setRequestMethod("POST");
    connection.setRequestProperty("Authorization", "Bearer " + SECRET);
    if (!lines.isEmpty()) {
      connection.setDoOutput(true);
      try (var body = connection.getOutputStream()) {
        body.write(String.join("\n", lines).getBytes(UTF_8));
      }
    }
    if (connection.getResponseCode() / 100 != 2) {
      throw new IOException(
          "node %d refuses %s: %d".formatted(node, path, connection.getResponseCode()));
    }
    try (var body = connection.getInputStream()) {
      return new String(body.readAllBytes(), UTF_8);
    }
  }

  private void awaitAnswer(int node) {
    Awaitility.await("an answer of node " + node)
        .atMost(LIMIT)
        .ignoreExceptions()
        .until(() -> "ok".equals(status(node)));
  }

  /** Returns the status header of an answer; null if it is the container's. */
  private String status(int node) throws IOException {
    HttpURLConnection connection = open(node, "/_geecache/" + Versions.GROUP + "/" + Callers.KEY);
    connection.getResponseCode();
    return connection.getHeaderField("Geecache-Status");
  }

  private HttpURLConnection open(int node, String path) throws IOException {
    URI uri = URI.create("http://127.0.0.1:" + nodes.get(node).port()).resolve(path);
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setReadTimeout((int) LIMIT.toMillis());
    return connection;
  }

  /** How often the source was asked for a value. */
  long calls() throws IOException {
    try (var body = URI.create(origin() + "/calls").toURL().openStream()) {
      return Long.parseLong(new String(body.readAllBytes(), UTF_8));
    }
  }

  boolean isAlive() {
    return callers.isAlive() && origin.isAlive();
  }

  /** Ends the callers' threads; everything they did is in the journal afterwards. */
  void stopCallers() throws IOException {
    CompletableFuture<Void> stopped = journal.await(Callers.STOPPED);
    callers.tell("stop");
    stopped.join();
  }

  /** Returns where the nodes' logs are. */
  List<Path> logs() {
    return nodes.stream().map(TomcatNode::directory).filter(Files::exists).toList();
  }

  @Override
  public void close() throws IOException {
    for (TomcatNode node : nodes) { // A stopped process would not end.
      if (!node.processes().isEmpty()) {
        node.kill();
      }
    }
    for (Closeable each : open) {
      each.close();
    }
  }
}
