package geecache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import geecache.metrics.GeecacheMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Alone, since what jacoco adds to the code allocates too. */
@Tag("alone")
class HitAllocationTest {
  private static final ThreadMXBean ACCOUNTS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int KEYS = 1 << 12;

  /** The first rounds warm the JIT compiler up; a later one must do without a single byte. */
  @Test
  void aHitAllocatesNothing() throws CacheException {
    try (Geecache node = new Geecache()) {
      for (GroupBuilder.Store store : GroupBuilder.Store.values()) {
        GroupBuilder builder = node.group(store.name()).store(store);
        assertAHitAllocatesNothing(builder.register(key -> key.getBytes(UTF_8)));
        builder = node.group(store.name() + "-ttl").store(store).timeToLive(Duration.ofHours(1));
        assertAHitAllocatesNothing(builder.register(key -> key.getBytes(UTF_8)));
      }
    }
  }

  @Test
  void norIfItsNodeIsBoundToARegistry() throws CacheException {
    try (Geecache node = new Geecache()) {
      new GeecacheMetrics(node).bindTo(new SimpleMeterRegistry());
      assertAHitAllocatesNothing(node.group("users").register(key -> key.getBytes(UTF_8)));
    }
  }

  @Test
  void norIfItsNodeKeepsTheHistory() throws CacheException {
    try (Geecache node = new Geecache()) {
      node.local().keepHistory();
      assertAHitAllocatesNothing(node.group("users").register(key -> key.getBytes(UTF_8)));
    }
  }

  private static void assertAHitAllocatesNothing(Group group) throws CacheException {
    String[] keys = new String[KEYS];
    for (int i = 0; i < KEYS; i++) {
      keys[i] = "key" + i;
      group.get(keys[i]);
    }
    long[] rounds = new long[20];
    for (int round = 0; round < rounds.length; round++) {
      rounds[round] = bytesOfAMillionHits(group, keys);
    }
    assertThat(LongStream.of(rounds).min()).as(group.name()).hasValue(0);
  }

  private static long bytesOfAMillionHits(Group group, String[] keys) throws CacheException {
    long before = ACCOUNTS.getCurrentThreadAllocatedBytes();
    int length = 0;
    for (int i = 0; i < 1_000_000; i++) {
      length += group.get(keys[i * 7919 & KEYS - 1]).length();
    }
    long after = ACCOUNTS.getCurrentThreadAllocatedBytes();
    assertThat(length).isPositive();
    return after - before;
  }
}
