package geecache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
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

  private static Void work(Group group, Random random, FakeTicker ticker)
      throws NotReachedException {
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
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Collections.nCopies(27, 0L));
    assertThat(none.loadTime(0.99)).isZero();
    assertThatThrownBy(() -> none.loadTime(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> none.loadTime(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
