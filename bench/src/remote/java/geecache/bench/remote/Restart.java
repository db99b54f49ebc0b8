package geecache.bench.remote;

import geecache.Group;
import geecache.bench.Arguments;
import geecache.bench.nodes.EmbeddedJetty;
import geecache.bench.nodes.Ends;
import geecache.bench.nodes.Ports;
import geecache.internal.DaemonThreads;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * {@code bench/run restart}: five nodes that are stopped and started at once, under gets at a fixed
 * rate. With the keys of their values in files, and without, it tells how long it takes until nine
 * of ten gets find their value in memory, and how often the source is asked until all keys are
 * there. Nodes, database (H2 in memory) and callers are in one process.
 */
public final class Restart {
  private static final int NODES = 5;
  private static final int QUERY_MILLIS = 20;
  private static final int PER_SECOND = 500;
  private static final double SKEW = 0.9;

  /** Of each node: all together load as many in a second as five times this. */
  private static final int RATE = 200;

  /** Divides all numbers of keys. */
  private static final int AT_ONCE = 1_000;

  private static final int LONGEST_SECONDS = 120;
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** When each key was in memory for the first time since the last start. */
  private static final Map<String, Long> LOADED = new ConcurrentHashMap<>();

  private static final AtomicInteger QUERIES = new AtomicInteger();

  /** Queries by the second in which they began, since the last start. */
  private static volatile AtomicIntegerArray bySecond =
      new AtomicIntegerArray(LONGEST_SECONDS + 60);

  private static volatile long began = System.nanoTime();

  private final HttpClient client = HttpClient.newHttpClient();
  private final int keys;
  private final Path directory;
  private final int[] ports;
  private final List<EmbeddedJetty.Started> nodes = new ArrayList<>();
  private final double[] ranks;
  private final Random random = new Random(1);

  private Restart(int keys, Path directory, int[] ports) {
    this.keys = keys;
    this.directory = directory;
    this.ports = ports;
    this.ranks = new double[keys];
    double sum = 0;
    for (int i = 0; i < keys; i++) {
      sum += Math.pow(i + 1.0, -SKEW);
      ranks[i] = sum;
    }
  }

  /** Called by the database for each row. */
  public static String answer(String key) throws InterruptedException {
    QUERIES.incrementAndGet();
    int second = (int) TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
    bySecond.incrementAndGet(Math.min(second, bySecond.length() - 1));
    Thread.sleep(QUERY_MILLIS);
    LOADED.putIfAbsent(key, System.nanoTime());
    return key;
  }

  public static void main(String[] arguments) throws Exception {
    int keys = Arguments.of(arguments, List.of()).quick() ? 5_000 : 20_000;
    Path directory = Files.createTempDirectory("geecache-restart-");
    try {
      new Restart(keys, directory, Ports.free(NODES)).run();
    } finally {
      delete(directory);
    }
    System.exit(0);
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  private void run() throws Exception {
    System.out.printf(
        Locale.ROOT,
        "goal: each key is loaded once, at no more than the rate, and the hit rate is back long"
            + " before that of nodes which begin empty%n"
            + "%d nodes in one process; %d keys, a query of %d ms in H2; %d gets a second, keys by"
            + " Zipf %.1f; snapshot-rate %d of each node%n",
        NODES,
        keys,
        QUERY_MILLIS,
        PER_SECOND,
        SKEW,
        RATE);
    start(true);
    fill();
    stop();
    Outcome warm = restart(true);
    stop();
    Outcome cold = restart(false);
    stop();
    System.out.printf(
        Locale.ROOT,
        "RESULT restart loads_over_keys=%.3f recovered_s=%d cold_recovered_s=%d"
            + " most_loads_a_second=%d gets_failed=%d%n",
        (double) warm.loads() / keys,
        warm.recovered(),
        cold.recovered(),
        warm.mostInASecond(),
        warm.failed() + cold.failed());
  }

  private void start(boolean snapshots) throws Exception {
    List<String> urls =
        Arrays.stream(ports).mapToObj(port -> "http://" + Ends.HOST + ":" + port).toList();
    for (int i = 0; i < NODES; i++) {
      Map<String, String> settings = new TreeMap<>();
      settings.put("geecache.peers", String.join(",", urls));
      settings.put("geecache.self", urls.get(i));
      String prefix = "geecache.groups.g.";
      settings.put(prefix + "source", "jdbc");
      settings.put(
          prefix + "url",
          "jdbc:h2:mem:restart;DB_CLOSE_DELAY=-1;INIT=create alias if not exists answer"
              + " for 'geecache.bench.remote.Restart.answer'");
      settings.put(prefix + "query", "select answer(?)");
      if (snapshots) {
        settings.put(prefix + "snapshot", directory.resolve("node-" + i).toString());
        settings.put(prefix + "snapshot-rate", String.valueOf(RATE));
      }
      nodes.add(EmbeddedJetty.serve(ports[i], settings));
    }
  }

  private void stop() throws Exception {
    for (EmbeddedJetty.Started node : nodes) {
      node.server().stop();
    }
    nodes.clear();
  }

  private static void forget() {
    LOADED.clear();
    QUERIES.set(0);
    bySecond = new AtomicIntegerArray(LONGEST_SECONDS + 60);
    began = System.nanoTime();
  }

  /** Has all keys in memory, those asked for most often that callers want most. */
  private void fill() throws Exception {
    Group group = nodes.get(0).node().find("g").orElseThrow();
    for (int from = 0; from < keys; from += AT_ONCE) {
      group.getAll(IntStream.range(from, from + AT_ONCE).mapToObj(Restart::key).toList());
    }
    System.out.printf("filled with %d keys by %d loads%n", keys, QUERIES.get());
    for (int i = 0; i < 2 * keys; i++) {
      get(draw()).join();
    }
  }

  private static String key(int rank) {
    return "customer-" + rank;
  }

  private String draw() {
    int at = Arrays.binarySearch(ranks, random.nextDouble() * ranks[keys - 1]);
    return key(Math.min(keys - 1, at < 0 ? -at - 1 : at));
  }

  private CompletableFuture<Integer> get(String key) {
    URI uri =
        URI.create(
            "http://" + Ends.HOST + ":" + ports[random.nextInt(NODES)] + "/_geecache/g/" + key);
    return client
        .sendAsync(
            HttpRequest.newBuilder(uri).timeout(LIMIT).build(),
            HttpResponse.BodyHandlers.ofString())
        .handle((answer, failure) -> failure == null ? answer.statusCode() : 0);
  }

  /**
   * How a restart went.
   *
   * @param recovered seconds until nine of ten gets of a second found their value in memory
   * @param loads until all keys of the files had been dealt with, or the hit rate was back
   * @param mostInASecond the most loads of one second
   * @param failed gets that were not answered with a value
   */
  private record Outcome(int recovered, int loads, int mostInASecond, int failed) {}

  private Outcome restart(boolean snapshots) throws Exception {
    forget();
    start(snapshots);
    AtomicInteger failed = new AtomicInteger();
    AtomicIntegerArray gets = new AtomicIntegerArray(LONGEST_SECONDS + 1);
    AtomicIntegerArray hits = new AtomicIntegerArray(LONGEST_SECONDS + 1);
    ScheduledExecutorService clock =
        Executors.newSingleThreadScheduledExecutor(new DaemonThreads("restart-clock-"));
    long first = began;
    clock.scheduleAtFixedRate(
        () -> {
          String key = draw();
          long now = System.nanoTime();
          int second = (int) Math.min(LONGEST_SECONDS, TimeUnit.NANOSECONDS.toSeconds(now - first));
          gets.incrementAndGet(second);
          if (LOADED.containsKey(key)) {
            hits.incrementAndGet(second);
          }
          get(key).thenAccept(status -> failed.addAndGet(status == 200 ? 0 : 1));
        },
        0,
        TimeUnit.SECONDS.toNanos(1) / PER_SECOND,
        TimeUnit.NANOSECONDS);
    int recovered = 0;
    while (recovered < LONGEST_SECONDS && !isBack(gets, hits, recovered)) {
      TimeUnit.NANOSECONDS.sleep(
          first + TimeUnit.SECONDS.toNanos(recovered + 1) - System.nanoTime());
      recovered++;
    }
    while (snapshots
        && LOADED.size() < keys
        && System.nanoTime() - first < TimeUnit.SECONDS.toNanos(LONGEST_SECONDS)) {
      TimeUnit.MILLISECONDS.sleep(100);
    }
    clock.shutdown();
    clock.awaitTermination(1, TimeUnit.MINUTES);
    int most = IntStream.range(0, bySecond.length()).map(bySecond::get).max().orElse(0);
    Outcome outcome = new Outcome(recovered, QUERIES.get(), most, failed.get());
    System.out.println((snapshots ? "with snapshots: " : "without: ") + outcome);
    return outcome;
  }

  private static boolean isBack(AtomicIntegerArray gets, AtomicIntegerArray hits, int seconds) {
    int last = seconds - 1;
    return seconds > 0 && hits.get(last) >= 0.9 * gets.get(last) && gets.get(last) > 0;
  }
}
