package geecache.bench.remote;

import geecache.bench.Arguments;
import geecache.bench.nodes.EmbeddedJetty;
import geecache.bench.nodes.Ends;
import geecache.bench.nodes.Ports;
import geecache.internal.DaemonThreads;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * {@code bench/run cold}: keys that are not in memory, of a group that asks a database for 50 ms
 * each, over two nodes with all defaults: does any get fail, and what does it cost the callers of
 * another group? Nodes, database (H2 in memory) and callers are in one process.
 */
public final class Cold {
  private static final int QUERY_MILLIS = 50;
  private static final int AT_ONCE = 1_000;
  private static final int CALLERS = 64;

  /** A fifth of what the healthy group's own 16 connections could answer. */
  private static final int HEALTHY_PER_SECOND = 64;

  private static final Duration LIMIT = Duration.ofMinutes(1);

  /** Each group has callers of its own, which do not wait for those of the other. */
  private final Map<String, HttpClient> clients =
      Map.of("slow", HttpClient.newHttpClient(), "healthy", HttpClient.newHttpClient());

  private final List<String> urls;
  private final Map<String, Integer> failures = new TreeMap<>();
  private final AtomicInteger keys = new AtomicInteger();
  private final int oneByOne;

  private Cold(List<String> urls, int oneByOne) {
    this.urls = urls;
    this.oneByOne = oneByOne;
  }

  /** Called by the database for each row. */
  public static String answer(String key) throws InterruptedException {
    Thread.sleep(QUERY_MILLIS);
    return key;
  }

  public static void main(String[] arguments) throws Exception {
    boolean quick = Arguments.of(arguments, List.of()).quick();
    List<String> urls = new ArrayList<>();
    int[] ports = Ports.free(2);
    for (int port : ports) {
      urls.add("http://" + Ends.HOST + ":" + port);
    }
    for (int i = 0; i < ports.length; i++) {
      Map<String, String> settings = new TreeMap<>();
      settings.put("geecache.peers", String.join(",", urls));
      settings.put("geecache.self", urls.get(i));
      for (String group : List.of("slow", "healthy")) {
        String prefix = "geecache.groups." + group + ".";
        settings.put(prefix + "source", "jdbc");
        settings.put(
            prefix + "url",
            "jdbc:h2:mem:"
                + group
                + ";DB_CLOSE_DELAY=-1;INIT=create alias if not exists answer"
                + " for 'geecache.bench.remote.Cold.answer'");
        settings.put(prefix + "query", "select answer(?)");
      }
      EmbeddedJetty.start(ports[i], settings);
    }
    new Cold(urls, quick ? 2_000 : 10_000).run(quick ? 5 : 20);
    System.exit(0);
  }

  private void run(int aloneSeconds) throws Exception {
    System.out.printf(
        "goal: no get fails, and the healthy group's p99 is at most twice that alone, or 20 ms"
            + " above%n"
            + "two nodes with all defaults in one process; a query of %d ms in H2; each group has"
            + " a pool of 8 connections at each node%n"
            + "slow group: %d cold keys at once, then %d by %d callers; healthy group: %d cold keys"
            + " a second%n",
        QUERY_MILLIS, AT_ONCE, oneByOne, CALLERS, HEALTHY_PER_SECOND);
    try (Healthy warmUp = new Healthy()) {
      atOnce(200);
      warmUp.forSeconds(3);
    }
    failures.clear();
    double alone;
    try (Healthy healthy = new Healthy()) {
      healthy.forSeconds(aloneSeconds);
      alone = healthy.p99Millis();
    }
    System.out.printf(Locale.ROOT, "healthy group alone: p99 %.1f ms%n", alone);
    load("the slow group alone");
    double beside;
    try (Healthy healthy = new Healthy()) {
      load("the slow group, with the healthy one beside it");
      beside = healthy.p99Millis();
    }
    System.out.printf(Locale.ROOT, "healthy group beside it: p99 %.1f ms%n", beside);
    System.out.println("failures: " + failures);
    int failed = failures.values().stream().mapToInt(Integer::intValue).sum();
    System.out.printf(
        Locale.ROOT,
        "RESULT cold failed=%d healthy_p99_ratio=%.2f ok=%s%n",
        failed,
        beside / alone,
        failed == 0 && beside <= Math.max(2 * alone, alone + 20));
  }

  private void load(String what) throws Exception {
    long began = System.nanoTime();
    atOnce(AT_ONCE);
    long between = System.nanoTime();
    oneByOne();
    System.out.printf(
        Locale.ROOT,
        "%s: %d at once %.1f s, %d one by one %.1f s%n",
        what,
        AT_ONCE,
        (between - began) / 1e9,
        oneByOne,
        (System.nanoTime() - between) / 1e9);
  }

  private void atOnce(int count) {
    List<CompletableFuture<Void>> all =
        IntStream.range(0, count).mapToObj(i -> get("slow")).toList();
    all.forEach(CompletableFuture::join);
  }

  private void oneByOne() throws Exception {
    ExecutorService callers =
        Executors.newFixedThreadPool(CALLERS, new DaemonThreads("cold-caller-"));
    AtomicInteger left = new AtomicInteger(oneByOne);
    List<Future<?>> ended = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      ended.add(
          callers.submit(
              () -> {
                while (left.getAndDecrement() > 0) {
                  get("slow").join();
                }
              }));
    }
    for (Future<?> each : ended) {
      each.get();
    }
    callers.shutdown();
  }

  /** Gets a key that nobody has asked for, from one node after the other. */
  private CompletableFuture<Void> get(String group) {
    int number = keys.getAndIncrement();
    String key = "customer-" + number;
    URI uri = URI.create(urls.get(number % 2) + "/_geecache/" + group + "/" + key);
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(LIMIT).build();
    return clients
        .get(group)
        .sendAsync(request, HttpResponse.BodyHandlers.ofString())
        .handle(
            (answer, failure) -> {
              if (failure != null) {
                count(group + ": " + failure.getClass().getSimpleName());
              } else if (answer.statusCode() != 200 || !answer.body().equals(key)) {
                count(group + ": " + answer.statusCode() + " " + reason(answer.body()));
              }
              return null;
            });
  }

  private static String reason(String body) {
    return body.strip().replaceAll("customer-[0-9]+|[0-9a-f]{8}", "*");
  }

  private synchronized void count(String failure) {
    failures.merge(failure, 1, Integer::sum);
  }

  /** Callers that come at a fixed rate; a get counts from the moment at which it is due. */
  private final class Healthy implements AutoCloseable {
    private final ConcurrentHistogram micros =
        new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(2), 3);

    private final ScheduledExecutorService clock =
        Executors.newSingleThreadScheduledExecutor(new DaemonThreads("cold-clock-"));

    private final List<CompletableFuture<Void>> open = new ArrayList<>();
    private final long period = TimeUnit.SECONDS.toNanos(1) / HEALTHY_PER_SECOND;
    private final long begins = System.nanoTime();

    /** Written by the clock's thread alone. */
    private long sent;

    Healthy() {
      clock.scheduleAtFixedRate(this::send, 0, period, TimeUnit.NANOSECONDS);
    }

    private void send() {
      long due = begins + period * sent++;
      CompletableFuture<Void> get =
          get("healthy")
              .thenRun(
                  () -> micros.recordValue(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - due)));
      synchronized (open) {
        open.add(get);
      }
    }

    void forSeconds(int seconds) throws InterruptedException {
      TimeUnit.SECONDS.sleep(seconds);
    }

    /** Waits for the gets under way, and returns the 99th percentile. */
    double p99Millis() throws InterruptedException {
      clock.shutdown();
      clock.awaitTermination(1, TimeUnit.MINUTES);
      synchronized (open) {
        open.forEach(CompletableFuture::join);
      }
      return micros.getValueAtPercentile(99) / 1_000.0;
    }

    @Override
    public void close() {
      clock.shutdown();
    }
  }
}
