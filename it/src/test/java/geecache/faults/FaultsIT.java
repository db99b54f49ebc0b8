package geecache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.faults.Event.Change;
import geecache.faults.Event.Get;
import geecache.faults.Event.Kind;
import geecache.faults.Event.Note;
import geecache.faults.Oracle.Bounds;
import geecache.faults.Verdict.Breach;
import geecache.faults.Verdict.Finding;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Five nodes under faults at random keep what they promise: {@code mvn verify -Pfaults}. */
@Tag("faults")
final class FaultsIT {
  private static final long GETS = Long.getLong("faults.gets", 100_000);
  private static final long REMOVALS = Long.getLong("faults.removals", 500);
  private static final long SETS = Long.getLong("faults.sets", REMOVALS);
  private static final int EACH = Integer.getInteger("faults.each", 10);
  private static final long SEED =
      Long.getLong("faults.seed", ThreadLocalRandom.current().nextInt(1_000_000));

  private static final long PROGRESS_SECONDS = 10;
  private static final int BREACHES_TOLD = 5;
  private static final long AROUND = TimeUnit.SECONDS.toNanos(10);
  private static final long CLOSE_BY = TimeUnit.MILLISECONDS.toNanos(500);

  /** A get waits so long at most; the second is for its way through a busy machine. */
  private static final Duration DEADLINE = Versions.WAIT_TIMEOUT.plusSeconds(1);

  /** A silent meeting, the wait for the next one, and as long again for a busy machine. */
  private static final Duration DETECTION = Duration.ofSeconds(5);

  private static final Bounds BOUNDS = new Bounds(DEADLINE, Versions.TIME_TO_LIVE, DETECTION);

  private final Path directory = Path.of("target", "faults");

  @Test
  void everyPromiseHolds() throws Exception {
    Files.createDirectories(directory);
    System.out.printf(
        "faults: seed %d (-Dfaults.seed=%d); at least %d gets, %d removals, %d sets, %d of each"
            + " fault%n",
        SEED, SEED, GETS, REMOVALS, SETS, EACH);
    List<Event> events;
    long calls;
    try (Journal journal = new Journal(directory.resolve("journal"));
        Cluster cluster = new Cluster(directory, journal, SEED)) {
      run(cluster, journal);
      events = journal.events();
      calls = cluster.calls();
    }
    Verdict verdict = Oracle.judge(events, BOUNDS);
    System.out.printf(
        "faults: %d gets in all, of which %d count; of them were begun shortly after a removal of"
            + " their key %d, a set %d, a removal in bulk %d, a change after a failed set %d%n",
        verdict.gets(),
        verdict.counted(),
        verdict.count(Finding.RIGHT_AFTER_REMOVAL),
        verdict.count(Finding.RIGHT_AFTER_SET),
        verdict.count(Finding.RIGHT_AFTER_BULK),
        verdict.count(Finding.RIGHT_AFTER_FAILED_SET));
    for (Kind kind : Kind.values()) {
      System.out.printf(
          "faults: %s: all nodes acknowledged %d, and %d some node missed%n",
          kind, verdict.succeeded(kind), verdict.partial(kind));
    }
    verdict.breaches().stream().limit(BREACHES_TOLD).forEach(breach -> tell(breach, events));
    System.out.println("faults: " + verdict.line(calls));
    assertThat(verdict.breaches())
        .as(
            "seed %d; the journal and the logs of source and callers are in %s, those of nodes in"
                + " target/container-instances/faults-*",
            SEED, directory)
        .isEmpty();
    assertThat(verdict.counted()).isGreaterThanOrEqualTo(GETS);
    assertThat(verdict.succeeded(Kind.REMOVAL)).isGreaterThanOrEqualTo(REMOVALS);
    assertThat(verdict.succeeded(Kind.SET)).isGreaterThanOrEqualTo(SETS);
    assertThatPlantedBreachesAreFound(events, verdict);
  }

  private static void run(Cluster cluster, Journal journal) throws Exception {
    Mishaps mishaps = new Mishaps(cluster);
    long began = System.nanoTime();
    ScheduledExecutorService progress = Executors.newSingleThreadScheduledExecutor();
    progress.scheduleAtFixedRate(
        () ->
            System.out.printf(
                "faults: %d s, %d gets, %d removals, %d sets, %s%n",
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began),
                journal.gets(),
                journal.removals(),
                journal.sets(),
                mishaps),
        PROGRESS_SECONDS,
        PROGRESS_SECONDS,
        TimeUnit.SECONDS);
    try {
      // Some gets do not count: a tenth more is begun.
      mishaps.happen(
          SEED,
          EACH,
          () ->
              journal.gets() > GETS * 1.1
                  && journal.removals() >= REMOVALS
                  && journal.sets() >= SETS);
      Thread.sleep(2 * DETECTION.toMillis()); // All are in touch again, and asked as such.
      cluster.stopCallers();
    } finally {
      progress.shutdownNow();
    }
    System.out.println("faults: " + mishaps);
  }

  /** Prints what happened around a get that broke a promise. */
  private static void tell(Breach breach, List<Event> events) {
    Get get = breach.get();
    System.out.println(
        "faults: " + breach + "; before each line, its begin, in ms from that of the get:");
    events.stream()
        .filter(
            event ->
                event instanceof Note && near(event, get, AROUND)
                    || event instanceof Change change
                        && change.key().equals(get.key())
                        && near(event, get, AROUND)
                    || event instanceof Get other
                        && other.key().equals(get.key())
                        && near(event, get, CLOSE_BY))
        .forEach(
            event -> System.out.printf("%10.3f %s%n", (event.begin() - get.begin()) / 1e6, event));
  }

  private static boolean near(Event event, Get get, long nanos) {
    return event.begin() > get.begin() - nanos && event.begin() < get.end() + nanos;
  }

  /** The oracle is not blind: a get of this very run, changed, turns its verdict red. */
  private static void assertThatPlantedBreachesAreFound(List<Event> events, Verdict verdict) {
    Get right = verdict.latest().get(Finding.RIGHT_AFTER_REMOVAL);
    assertFound(Finding.WRONG, right, said(right, "another:1"), events);
    assertFound(Finding.WRONG, right, said(right, right.key() + ":999999999"), events);
    assertFound(Finding.FAILED, right, said(right, Get.FAILED + "500"), events);
    assertOlderIsFound(Finding.STALE, right, events);
    assertOlderIsFound(Finding.STALE, verdict.latest().get(Finding.RIGHT_AFTER_SET), events);
    assertOlderIsFound(Finding.STALE, verdict.latest().get(Finding.RIGHT_AFTER_BULK), events);
    assertOlderIsFound(Finding.RISEN, verdict.latest().get(Finding.RIGHT_AFTER_FAILED_SET), events);
    // The last ones are so late that all nodes had been well for longer.
    Get last = verdict.latest().get(Finding.RIGHT);
    long early = last.end() - DEADLINE.toNanos() - 1;
    String value = value(last, last.version());
    Get late = Get.of(last.node(), last.key(), early, last.end(), value);
    List<Event> timely = new ArrayList<>(events); // No caller stood still meanwhile.
    timely.removeIf(event -> event instanceof Note n && n.text().startsWith(Callers.STOOD));
    assertFound(Finding.LATE, last, late, timely);
  }

  private static void assertOlderIsFound(Finding finding, Get get, List<Event> events) {
    assertFound(finding, get, said(get, value(get, get.version() - 1)), events);
  }

  private static Get said(Get get, String answer) {
    return Get.of(get.node(), get.key(), get.begin(), get.end(), answer);
  }

  private static String value(Get get, long version) {
    return get.key() + ":" + version;
  }

  private static void assertFound(Finding finding, Get get, Get planted, List<Event> events) {
    List<Event> changed = new ArrayList<>(events);
    changed.set(events.indexOf(get), planted);
    assertThat(Oracle.judge(changed, BOUNDS).breaches())
        .as("planted: %s", planted)
        .containsExactly(new Breach(finding, planted));
  }
}
