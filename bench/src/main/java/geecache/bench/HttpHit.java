package geecache.bench;

import geecache.bench.Flood.Target;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * {@code bench/run http-hit}: hits over HTTP beside a servlet that writes the same bytes and knows
 * nothing else. Both are web applications of one container, and take turns on the same connections.
 * This process makes the load; the container is another, and a new one in each round.
 */
final class HttpHit {
  private static final double GOAL = 0.95;

  /** Loaded in the container only: here it would find no servlet API. */
  private static final String SERVLET = "geecache.bench.BareServlet";

  /** The applications, by names of equal length: so requests are of equal length too. */
  private static final String PRODUCT = "geecache";

  private static final String BARE = "baseline";

  private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private record Pair(Work product, Work bare) {
    /** Takes turns in the order A B B A. */
    static Pair of(Server server, Flood flood, Target product, Target bare, int turns)
        throws IOException {
      Work ofProduct = Work.NONE;
      Work ofBare = Work.NONE;
      for (int turn = 0; turn < 2 * turns; turn++) {
        if ((turn + 1) / 2 % 2 == 0) {
          ofProduct = ofProduct.plus(Work.of(server, flood, product, TURN_NANOS));
        } else {
          ofBare = ofBare.plus(Work.of(server, flood, bare, TURN_NANOS));
        }
      }
      return new Pair(ofProduct, ofBare);
    }

    double ratio() {
      return product.rate() / bare.rate();
    }

    /** The ratio of requests for a second of the server's processor time. */
    double processorRatio() {
      return bare.serverMicros() / product.serverMicros();
    }
  }

  private interface Start {
    Server server() throws IOException, InterruptedException;
  }

  private final int depth;
  private final long warmUpNanos;
  private final int pairsOfRound;
  private final int turnsOfPair;

  /** By container. */
  private final Map<String, List<Pair>> pairs = new LinkedHashMap<>();

  private HttpHit(int depth, int warmUpSeconds, int pairsOfRound, int turnsOfPair) {
    this.depth = depth;
    warmUpNanos = TimeUnit.SECONDS.toNanos(warmUpSeconds);
    this.pairsOfRound = pairsOfRound;
    this.turnsOfPair = turnsOfPair;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Arguments options = Arguments.of(arguments, "--depth");
    int depth = Integer.parseInt(options.choice("--depth", "8", "1", "2", "4", "16"));
    if (options.quick()) {
      new HttpHit(depth, 12, 12, 10).run(1, 1);
    } else {
      new HttpHit(depth, 40, 16, 20).run(2, 3);
    }
  }

  private void run(int rounds, int mostRounds) throws IOException, InterruptedException {
    System.out.printf(
        Locale.ROOT,
        "goal: geecache / bare servlet at least %.2f in requests a second%n"
            + "GET /_geecache/scores/Tom on %d connections, %d requests at a time on each%n"
            + "%d to %d rounds of %d s of warm-up and %d pairs; a pair takes %d ms, in turns of %d"
            + " ms; in brackets the ratio by the server's processor time%n",
        GOAL,
        Flood.CONNECTIONS,
        depth,
        rounds,
        mostRounds,
        TimeUnit.NANOSECONDS.toSeconds(warmUpNanos),
        pairsOfRound,
        TimeUnit.NANOSECONDS.toMillis(2 * turnsOfPair * TURN_NANOS),
        TimeUnit.NANOSECONDS.toMillis(TURN_NANOS));
    Map<String, Path> wars = Map.of(PRODUCT, Path.of("../target/geecache.war"), BARE, bareWar());
    for (int round = 1; round <= mostRounds && !(round > rounds && isNarrow()); round++) {
      measure("tomcat", () -> Server.tomcat(wars), round);
      measure("jetty", () -> Server.jetty(wars), round);
    }
    report();
  }

  private static Path bareWar() throws IOException {
    Path war = Path.of("target/bare.war").toAbsolutePath();
    Files.deleteIfExists(war);
    String type = "/" + SERVLET.replace('.', '/') + ".class";
    URI uri = URI.create("jar:" + war.toUri());
    try (FileSystem zip = FileSystems.newFileSystem(uri, Map.of("create", "true"));
        InputStream servlet = HttpHit.class.getResourceAsStream(type)) {
      Path target = zip.getPath("/WEB-INF/classes" + type);
      Files.createDirectories(target.getParent());
      Files.copy(servlet, target);
      Files.writeString(
          zip.getPath("/WEB-INF/web.xml"),
          """
          <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="5.0"
              metadata-complete="true">
            <servlet>
              <servlet-name>bare</servlet-name>
              <servlet-class>%s</servlet-class>
              <load-on-startup>1</load-on-startup>
              <async-supported>true</async-supported>
            </servlet>
            <servlet-mapping>
              <servlet-name>bare</servlet-name>
              <url-pattern>/_geecache/*</url-pattern>
            </servlet-mapping>
          </web-app>
          """
              .formatted(SERVLET));
    }
    return war;
  }

  private void measure(String name, Start start, int round)
      throws IOException, InterruptedException {
    List<Pair> measured = new ArrayList<>();
    try (Server server = start.server();
        Flood flood = new Flood(server)) {
      Target product = target(server, PRODUCT);
      Target bare = target(server, BARE);
      if (!product.hasAnswerOf(bare)) {
        throw new IOException("the answers differ: " + product + "\nand: " + bare);
      }
      long begun = System.nanoTime();
      while (System.nanoTime() - begun < warmUpNanos) {
        Pair.of(server, flood, product, bare, 2);
      }
      for (int i = 0; i < pairsOfRound; i++) {
        measured.add(Pair.of(server, flood, product, bare, turnsOfPair));
      }
    }
    pairs.computeIfAbsent(name, n -> new ArrayList<>()).addAll(measured);
    System.out.printf("round %d, %s:", round, name);
    measured.forEach(
        pair ->
            System.out.printf(
                Locale.ROOT,
                " %.0f/%.0f=%.3f (%.3f)",
                pair.product.rate(),
                pair.bare.rate(),
                pair.ratio(),
                pair.processorRatio()));
    System.out.println();
  }

  private Target target(Server server, String application) throws IOException {
    return Target.of(server, Server.context(application), "scores/Tom", "630", depth);
  }

  private Interval interval(String name, Function<Pair, Double> figure) {
    return Interval.of(pairs.get(name).stream().map(figure).toList());
  }

  private boolean isNarrow() {
    return pairs.keySet().stream().allMatch(name -> interval(name, Pair::ratio).isNarrow());
  }

  private void report() {
    double worst = Double.MAX_VALUE;
    boolean met = true;
    for (String name : pairs.keySet()) {
      Interval ratio = interval(name, Pair::ratio);
      System.out.printf(
          Locale.ROOT,
          "%s: bare servlet %.0f, geecache %.0f thousand requests a second; ratio %s%n",
          name,
          interval(name, pair -> pair.bare.rate()).median(),
          interval(name, pair -> pair.product.rate()).median(),
          ratio);
      System.out.printf(
          Locale.ROOT,
          "%s: bare servlet %.2f, geecache %.2f us of the server's processor time a request; ratio"
              + " %s%n",
          name,
          interval(name, pair -> pair.bare.serverMicros()).median(),
          interval(name, pair -> pair.product.serverMicros()).median(),
          interval(name, Pair::processorRatio));
      System.out.printf(
          Locale.ROOT,
          "%s: of the processor time %.0f %% were the server's, the rest this load's%n",
          name,
          interval(name, pair -> pair.product.serverShare()).median() * 100);
      worst = Math.min(worst, ratio.median());
      met &= ratio.high() >= GOAL && ratio.isNarrow();
    }
    System.out.printf("%s Goal %s.%n", Interval.EXPLANATION, met ? "met" : "missed");
    System.out.printf(Locale.ROOT, "RESULT http-hit ratio=%.3f%n", worst);
  }
}
