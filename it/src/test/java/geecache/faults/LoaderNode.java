package geecache.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.ByteView;
import geecache.Geecache;
import geecache.Group;
import geecache.GroupStats;
import geecache.Value;
import geecache.http.HTTPPool;
import geecache.node.CodeNode;
import geecache.node.GeecacheBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A node in code whose callers each bring a loader, a process of its own. Writes its URL to its
 * standard output, and what it did: a line for each load that begins and each answer. Ends with its
 * standard input, from which it reads what to do, a line each.
 *
 * <p>A loader takes {@link #LOAD}, and longer if it is not let go by then.
 */
final class LoaderNode {
  /** {@code peers {origin} {URL} {URL} ...}: starts the node. */
  static final String PEERS = "peers";

  /** {@code ask {batch} {key} {callers}}: so many callers get the key, each on its own thread. */
  static final String ASK = "ask";

  /** {@code go {key}:{version}}: lets loaders go that read this, now and later. */
  static final String GO = "go";

  /** {@code remove {key}}: removes it on all nodes. */
  static final String REMOVE = "remove";

  /** {@code tell}: answers {@code state} with the four numbers of {@link LoaderProcess.State}. */
  static final String TELL = "tell";

  static final Duration LOAD = Duration.ofSeconds(2);

  private static final String GROUP = "loaded";
  private static final String SECRET = "a-secret-of-the-faults";

  /** Longer than any fault: only silence ends a lease before its load ends. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** No pause of a busy machine is to be taken for a peer's failure. */
  private static final Duration PEER_TIMEOUT = Duration.ofSeconds(10);

  private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();
  private final CodeNode server;
  private final Geecache node;
  private final String origin;

  private LoaderNode(CodeNode server, String origin, List<String> urls) throws Exception {
    this.server = server;
    this.origin = origin;
    this.node =
        GeecacheBuilder.create()
            .self(server.url())
            .peers(urls)
            .secret(SECRET)
            .peerOptions(options -> options.timeout(PEER_TIMEOUT))
            .groups(
                made ->
                    made.group(GROUP)
                        .loadTimeout(PATIENCE)
                        .leaseTimeout(PATIENCE)
                        .waitTimeout(PATIENCE)
                        .register())
            .start();
    server.serveAlone(node);
  }

  /** Does what it is told until the standard input ends. */
  public static void main(String[] args) throws Exception {
    CodeNode server = new CodeNode();
    System.out.println(server.url());
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    LoaderNode node = null;
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      String[] words = line.split(" ");
      if (words[0].equals(PEERS)) {
        List<String> urls = Arrays.asList(words).subList(2, words.length);
        node = new LoaderNode(server, words[1], urls);
      } else if (node != null) {
        node.act(words);
      }
    }
    System.exit(0);
  }

  private void act(String[] words) throws Exception {
    switch (words[0]) {
      case ASK -> {
        for (int i = 0; i < Integer.parseInt(words[3]); i++) {
          new Thread(() -> ask(words[1], words[2])).start();
        }
      }
      case GO -> gate(words[1]).countDown();
      case REMOVE -> {
        group().remove(words[1]);
        System.out.println("removed " + words[1]);
      }
      case TELL -> tell();
      default -> throw new IllegalArgumentException(String.join(" ", words));
    }
  }

  private Group group() {
    return node.find(GROUP).orElseThrow();
  }

  private CountDownLatch gate(String read) {
    return gates.computeIfAbsent(read, r -> new CountDownLatch(1));
  }

  private void ask(String batch, String key) {
    long begin = System.nanoTime();
    String answer;
    try {
      ByteView value = group().get(key, this::load);
      answer = value.toString();
    } catch (Exception failure) {
      answer = failure.toString().lines().collect(Collectors.joining(" "));
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    System.out.println("answer " + batch + " " + millis + " " + answer);
  }

  /** Reads from the source first, and takes its time afterwards. */
  private Value load(String key) throws IOException, InterruptedException {
    long end = System.nanoTime() + LOAD.toNanos();
    String read;
    try (InputStream in = URI.create(origin + "/value/" + key).toURL().openStream()) {
      read = new String(in.readAllBytes(), UTF_8);
    }
    System.out.println("loads " + key);
    gate(read).await();
    TimeUnit.NANOSECONDS.sleep(end - System.nanoTime());
    return Value.of(ByteView.of(read + " by " + server.url()));
  }

  private void tell() {
    GroupStats stats = group().stats();
    HTTPPool pool = (HTTPPool) node.local().cluster();
    System.out.printf(
        "state %d %d %d %d%n",
        pool.inContact().size(), stats.getsWaiting(), stats.entries(), stats.leasesRefused());
  }
}
