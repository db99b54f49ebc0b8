package geecache.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * {@code bench/run parked}: the p99 of hits over HTTP, with and without thousands of requests that
 * wait for one load. This process makes the load; the container is another.
 */
final class Parked {
  /** Loaded in the container only: here it would find no servlet API. */
  private static final String LISTENER = "geecache.bench.ParkedListener";

  private static final int LEAST_PAIRS = 10;
  private static final int SETTLE_MILLIS = 500;

  /** How many connections are opened at once: fewer than a container lets wait to be accepted. */
  private static final int BATCH = 40;

  private static final long ARRIVAL_LIMIT_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** The p99 of hits without and with the others, in milliseconds. */
  private record Pair(double without, double with) {
    /** Twice the time, or 20 ms more. */
    double allowed() {
      return Math.max(2 * without, without + 20);
    }

    double share() {
      return with / allowed();
    }
  }

  private interface Start {
    Server server() throws IOException, InterruptedException;
  }

  private final int requests;
  private final int millis;
  private final int mostPairs;
  private boolean ok = true;
  private int round;

  private Parked(int requests, int millis, int mostPairs) {
    this.requests = requests;
    this.millis = millis;
    this.mostPairs = mostPairs;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Arguments options = Arguments.of(arguments, "--requests");
    int requests = options.number("--requests", 5_000);
    boolean quick = options.quick();
    new Parked(requests, quick ? 1_000 : 5_000, quick ? LEAST_PAIRS : 20)
        .run(quick ? 5_000 : 20_000);
  }

  private void run(int warmUp) throws IOException, InterruptedException {
    System.out.printf(
        "goal: with %d requests parked on one key, the p99 of hits is at most twice, or 20 ms"
            + " above, that without%n"
            + "200 container threads; 1000 hits a second on 8 connections, %d ms for each side of a"
            + " pair; %d to %d pairs%n",
        requests, millis, LEAST_PAIRS, mostPairs);
    Path war = war();
    String tomcat = measure("tomcat", () -> Server.tomcat(war), warmUp);
    String jetty = measure("jetty", () -> Server.jetty(war), warmUp);
    System.out.println(
        Interval.EXPLANATION + " The goal is met where the whole interval is at most 1.");
    System.out.printf("RESULT parked tomcat_p99_ms=%s jetty_p99_ms=%s ok=%s%n", tomcat, jetty, ok);
  }

  /** The product's WAR with one more listener. */
  private static Path war() throws IOException {
    Path war = Path.of("target/parked.war").toAbsolutePath();
    Files.copy(Path.of("../target/geecache.war"), war, StandardCopyOption.REPLACE_EXISTING);
    String type = "/" + LISTENER.replace('.', '/') + ".class";
    try (FileSystem zip = FileSystems.newFileSystem(war);
        InputStream listener = Parked.class.getResourceAsStream(type)) {
      Path target = zip.getPath("/WEB-INF/classes" + type);
      Files.createDirectories(target.getParent());
      Files.copy(listener, target);
      Path webXml = zip.getPath("/WEB-INF/web.xml");
      String element = "<listener><listener-class>%s</listener-class></listener>";
      Files.writeString(
          webXml,
          Files.readString(webXml)
              .replace("</web-app>", element.formatted(LISTENER) + "</web-app>"));
    }
    return war;
  }

  private String measure(String name, Start start, int warmUp)
      throws IOException, InterruptedException {
    List<Pair> pairs = new ArrayList<>();
    Interval share = null;
    try (Server server = start.server()) {
      HitLoad load = new HitLoad(server.port());
      load.fill();
      System.out.printf("%s: warm-up%n", name);
      load.p99(warmUp);
      withParked(server.port(), load, millis);
      while (pairs.size() < mostPairs
          && !(pairs.size() >= LEAST_PAIRS && (share == null || share.isNarrow()))) {
        Pair pair = pair(server.port(), load, pairs.size() % 2 == 0);
        pairs.add(pair);
        System.out.printf(
            Locale.ROOT,
            "%s, pair %d: without %.2f ms, with %.2f ms%n",
            name,
            pairs.size(),
            pair.without(),
            pair.with());
        share = pairs.size() < LEAST_PAIRS ? null : shares(pairs);
      }
    }
    share = shares(pairs);
    boolean met = share.high() <= 1;
    ok &= met;
    System.out.printf("%s: with / allowed %s; goal %s%n", name, share, met ? "met" : "missed");
    return String.format(
        Locale.ROOT,
        "%.1f/%.1f",
        Interval.of(pairs.stream().map(Pair::without).toList()).median(),
        Interval.of(pairs.stream().map(Pair::with).toList()).median());
  }

  private static Interval shares(List<Pair> pairs) {
    return Interval.of(pairs.stream().map(Pair::share).toList());
  }

  private Pair pair(int port, HitLoad load, boolean withoutFirst)
      throws IOException, InterruptedException {
    if (withoutFirst) {
      double without = settledP99(load, millis);
      return new Pair(without, withParked(port, load, millis));
    }
    double with = withParked(port, load, millis);
    return new Pair(settledP99(load, millis), with);
  }

  private double withParked(int port, HitLoad load, int time)
      throws IOException, InterruptedException {
    String key = "round-" + ++round;
    List<Wire> parked = new ArrayList<>();
    try (Wire control = new Wire(port)) {
      long before = gets(control);
      for (int i = 0; i < requests; i++) {
        Wire wire = new Wire(port);
        parked.add(wire);
        wire.send("slow/" + key);
        if (parked.size() % BATCH == 0 || parked.size() == requests) {
          awaitArrival(control, before + parked.size());
        }
      }
      double p99 = settledP99(load, time);
      control.get("control?key=release:" + key, "");
      for (Wire wire : parked) {
        wire.receive("released");
      }
      return p99;
    } finally {
      for (Wire wire : parked) {
        wire.close();
      }
    }
  }

  /** What opening, answering or closing thousands of connections leaves to do is not measured. */
  private static double settledP99(HitLoad load, int time)
      throws IOException, InterruptedException {
    load.p99(SETTLE_MILLIS);
    return load.p99(time);
  }

  /** More requests than threads have come in, and none is answered: so they hold no thread. */
  private void awaitArrival(Wire control, long expected) throws IOException, InterruptedException {
    long end = System.nanoTime() + ARRIVAL_LIMIT_NANOS;
    while (gets(control) < expected) {
      if (System.nanoTime() - end > 0) {
        throw new IOException(gets(control) + " requests came in of " + expected);
      }
      Thread.sleep(1);
    }
  }

  private static long gets(Wire control) throws IOException {
    return Long.parseLong(control.get("control?key=waiting:" + System.nanoTime(), ""));
  }
}
