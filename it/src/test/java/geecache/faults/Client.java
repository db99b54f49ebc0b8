package geecache.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.faults.Event.Change;
import geecache.faults.Event.Get;
import geecache.faults.Event.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A client of all nodes: looks what they have, and changes values, first at the source and then at
 * a node. For use by one thread.
 */
final class Client implements Closeable {
  /** So many keys nobody reads. A node remembers as many removals by default. */
  private static final int FILLING = 10_000;

  private final String origin;
  private final List<Target> targets;
  private final List<Caller> callers;
  private final Consumer<Event> journal;

  /** Makes one that notes in {@code journal} what it did. */
  Client(String origin, List<Target> targets, Consumer<Event> journal) {
    this.origin = origin;
    this.targets = targets;
    this.callers = targets.stream().map(Caller::new).toList();
    this.journal = journal;
  }

  /** Removes a key, or sets it. Returns false if the node is not up, and nothing was done. */
  boolean change(int node, String key, Kind kind) throws IOException {
    if (!targets.get(node).isUp()) {
      return false;
    }
    Caller caller = callers.get(node);
    long changing = System.nanoTime();
    long version = Long.parseLong(post("/value/" + key, ""));
    long begin = System.nanoTime();
    Set<Integer> missed =
        kind == Kind.SET ? caller.set(key, key + ":" + version) : caller.remove(key);
    long end = System.nanoTime();
    journal.accept(new Change(kind, node, key, version, changing, begin, end, missed));
    return true;
  }

  /**
   * Removes keys, and more than a node remembers, by one call. Those others come last: removals of
   * {@code keys} are forgotten first.
   */
  void removeInBulk(int node, Collection<String> keys) throws IOException {
    List<String> all = new ArrayList<>(keys);
    IntStream.range(0, FILLING).forEach(i -> all.add("unread" + i));
    long changing = System.nanoTime();
    Iterator<String> versions =
        post("/values", String.join("\n", keys)).lines().toList().iterator();
    long begin = System.nanoTime();
    Set<Integer> missed = callers.get(node).removeAll(all);
    long end = System.nanoTime();
    for (String key : keys) {
      long version = Long.parseLong(versions.next());
      journal.accept(new Change(Kind.BULK, node, key, version, changing, begin, end, missed));
    }
  }

  /** Gets a key from a node if that is up. */
  void look(int node, String key) {
    if (targets.get(node).isUp()) {
      long begin = System.nanoTime();
      String answer = callers.get(node).get(key);
      journal.accept(Get.of(node, key, begin, System.nanoTime(), answer));
    }
  }

  /** Changes values at the source, and returns their versions, one a line. */
  private String post(String path, String body) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(origin + path).toURL().openConnection();
    connection.setRequestMethod("POST");
    connection.setDoOutput(true);
    try (OutputStream out = connection.getOutputStream()) {
      out.write(body.getBytes(UTF_8));
    }
    try (InputStream in = connection.getInputStream()) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  @Override
  public void close() {
    callers.forEach(Caller::close);
  }
}
