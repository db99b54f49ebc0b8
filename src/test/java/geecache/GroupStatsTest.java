package geecache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GroupStatsTest {

  @Test
  void addUpWhenIdle() throws Exception {
    FakeTicker ticker = new FakeTicker();
    try (Geecache node = new Geecache(ticker, 0);
        Callers callers = new Callers()) {
      Group group =
          node.group("g")
              .maxBytes(20_000)
              .timeToLive(Duration.ofSeconds(10))
              .refreshAhead(Duration.ofSeconds(5))
              .absentTimeToLive(Duration.ofSeconds(1))
              .maxLoads(2)
              .maxWaitingLoads(1)
              .register(
                  key -> {
                    switch (key.charAt(key.length() - 1)) {
                      case '1' -> throw new KeyNotFoundException("none");
                      case '2' -> throw new LoadException("down");
                      default -> {
                        return key.getBytes(UTF_8);
                      }
                    }
                  });
      List<CompletableFuture<Void>> workers = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        Random random = new Random(t);
        workers.add(callers.call(() -> work(group, random, ticker)));
      }
      for (CompletableFuture<Void> worker : workers) {
        Callers.result(worker);
      }
      await().until(() -> group.stats().loadsRunning() + group.stats().loadsWaiting() == 0);
      GroupStats stats = group.stats();
      assertThat(stats.gets()).isEqualTo(8 * 5_000);
      assertThat(
              stats.mainHits()
                  + stats.hotHits()
                  + stats.loads()
                  - stats.refreshes()
                  + stats.loadsDeduplicated()
                  + stats.rejected())
          .isEqualTo(stats.gets());
      assertThat(stats.bytes()).isBetween(1L, 20_000L);
      assertThat(stats.entries()).isPositive();
      assertThat(stats.evictions()).isPositive();
      assertThat(stats.absent()).isPositive();
      assertThat(stats.loadFailures()).isPositive();
    }
  }

  private static Void work(Group group, Random random, FakeTicker ticker) throws CacheException {
    for (int i = 0; i < 5_000; i++) {
      try {
        group.get("k" + random.nextInt(300));
      } catch (CacheException expected) {
        ticker.advance(Duration.ofMillis(1));
      }
      if (i % 50 == 0) {
        group.remove("k" + random.nextInt(300));
      }
    }
    return null;
  }

  /** Peers that answer or not, in any way, at once or later; and all ways to get. */
  @Test
  void addUpWhenIdleAmongFlakyPeers() throws Exception {
    FakeTicker ticker = new FakeTicker();
    ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();
    try (Geecache node = new Geecache(ticker, 0);
        Callers callers = new Callers()) {
      node.registerPeers(
          new FakePeers(new FlakyPeer("http://a", later), new FlakyPeer("http://b", later)));
      Group group =
          node.group("g")
              .maxBytes(20_000)
              .timeToLive(Duration.ofSeconds(10))
              .refreshAhead(Duration.ofSeconds(5))
              .staleIfError(Duration.ofSeconds(5))
              .absentTimeToLive(Duration.ofSeconds(1))
              .maxLoads(2)
              .maxWaitingLoads(1)
              .register(GroupStatsTest::flaky);
      List<CompletableFuture<Void>> workers = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        Random random = new Random(t);
        workers.add(callers.call(() -> workWithPeers(group, random, ticker)));
      }
      for (CompletableFuture<Void> worker : workers) {
        Callers.result(worker);
      }
      await().untilAsserted(() -> assertAddsUp(group.stats()));
      GroupStats stats = group.stats();
      assertThat(stats.mainHits()).isPositive();
      assertThat(stats.hotHits()).isPositive();
      assertThat(stats.fetches()).isPositive();
      assertThat(stats.fetchesDeduplicated()).isPositive();
      assertThat(stats.fetchesInVain()).isPositive();
      assertThat(stats.fetchFailures()).isPositive();
      assertThat(stats.loadsDeduplicated()).isPositive();
      assertThat(stats.staleServed()).isPositive();
      assertThat(stats.hotBytes()).isLessThanOrEqualTo(20_000 / 8);
      assertThat(stats.bytes()).isLessThanOrEqualTo(20_000);
    } finally {
      later.shutdownNow();
    }
  }

  private static void assertAddsUp(GroupStats stats) {
    assertThat(
            stats.mainHits()
                + stats.hotHits()
                + stats.fetches()
                + stats.fetchesDeduplicated()
                - stats.fetchesInVain()
                + stats.loads()
                - stats.refreshes()
                + stats.loadsDeduplicated()
                + stats.rejected())
        .isEqualTo(stats.gets());
  }

  private static byte[] flaky(String key) throws CacheException {
    switch (ThreadLocalRandom.current().nextInt(8)) {
      case 1 -> throw new KeyNotFoundException("none");
      case 2 -> throw new LoadException("down");
      default -> {
        return key.getBytes(UTF_8);
      }
    }
  }

  private record FlakyPeer(String url, ScheduledExecutorService later) implements FuturePeer {
    @Override
    public CompletableFuture<PeerValue> get(LocalGroup group, String key, Question asked) {
      CompletableFuture<PeerValue> answer = new CompletableFuture<>();
      Random random = ThreadLocalRandom.current();
      int what = random.nextInt(8);
      Runnable end = () -> end(answer, key, what);
      if (random.nextBoolean()) {
        end.run();
      } else {
        later.schedule(end, random.nextInt(500), TimeUnit.MICROSECONDS);
      }
      return answer;
    }

    private static void end(CompletableFuture<PeerValue> answer, String key, int what) {
      ByteView value = ByteView.of(key);
      Duration second = Duration.ofSeconds(1);
      switch (what) {
        case 0 -> answer.completeExceptionally(new KeyNotFoundException("none"));
        case 1 -> answer.completeExceptionally(new OverloadedException("too much"));
        case 2, 3 -> answer.completeExceptionally(new IOException("refused"));
        case 4 -> answer.complete(new PeerValue(value, second, second.negated(), true, null));
        case 5 -> answer.complete(new PeerValue(value, second, second, false, null));
        default -> answer.complete(new PeerValue(value, null, null, false, null));
      }
    }
  }

  private static Void workWithPeers(Group group, Random random, FakeTicker ticker)
      throws Exception {
    List<CompletableFuture<CachedValue>> open = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      String key = key(random);
      try {
        switch (random.nextInt(20)) {
          case 0, 1, 2, 3, 4, 5 -> open.add(group.answer(key));
          case 6, 7 -> open.add(group.engine.get(key));
          case 8 -> group.getAll(List.of(key, key(random), key(random), key(random)));
          case 9 -> group.remove(key);
          case 10 -> group.setAsync(key, ByteView.of(key), null);
          default -> group.get(key);
        }
        if (random.nextInt(500) == 0) {
          group.clear();
        }
      } catch (CacheException expected) {
        ticker.advance(Duration.ofMillis(5));
      }
    }
    for (CompletableFuture<CachedValue> answer : open) {
      answer.handle((value, failure) -> null).get(60, TimeUnit.SECONDS);
    }
    return null;
  }

  /** Few are asked for often, and many rarely. */
  private static String key(Random random) {
    String owner = random.nextInt(3) == 0 ? "own" : "";
    return owner + (int) Math.abs(random.nextGaussian() * random.nextInt(100));
  }

  @Test
  void tellHowLongLoadsTook() throws Exception {
    FakeTicker ticker = new FakeTicker();
    try (Geecache node = new Geecache(ticker, 1)) {
      Group group =
          node.newGroup(
              "g",
              1 << 20,
              key -> {
                ticker.advance(Duration.ofMillis(Long.parseLong(key)));
                return new byte[0];
              });
      for (int millis = 1; millis <= 100; millis++) {
        group.get(String.valueOf(millis));
      }
      GroupStats stats = group.stats();
      assertThat(stats.loadTimes().stream().mapToLong(Long::longValue).sum()).isEqualTo(100);
      assertThat(stats.loadTime(0.5).toMillis()).isBetween(50L, 100L);
      assertThat(stats.loadTime(1).toMillis()).isBetween(100L, 200L);
      assertThat(stats.loadTime(0.01).toMillis()).isBetween(1L, 2L);
    }
  }

  @Test
  void haveNoTimeWithoutLoads() {
    GroupStats none =
        new GroupStats(
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            Collections.nCopies(27, 0L));
    assertThat(none.loadTime(0.99)).isZero();
    assertThatThrownBy(() -> none.loadTime(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> none.loadTime(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
