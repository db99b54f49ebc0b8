package geecache;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.GroupBuilder.Store;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A node, its source and its callers as one run that a seed decides, and that can be repeated. */
class SteeredNodeTest {
  private static final List<String> KEYS = List.of("a", "b", "c");
  private static final int CALLERS = 4;
  private static final int OPERATIONS = 30;

  /** Callers change the source and then the group, and get from the group. */
  private static final class Run {
    private final SimulatedWorld world;
    private final RandomGenerator random;
    private final Geecache node;
    private final Group group;

    /** The version of each key in the source, and the last one of which a change has returned. */
    private final Map<String, Integer> source = new HashMap<>();

    private final Map<String, Integer> changed = new HashMap<>();

    /** The keys that a caller changes now: changes of one key come one after the other. */
    private final Set<String> changing = new HashSet<>();

    private int tooLate;
    private int outdatedLoads;

    Run(long seed) {
      world = new SimulatedWorld(seed);
      random = world.random();
      node = SteeredNode.of(world);
      group =
          node.group("g")
              .store(Store.LRU)
              .timeToLive(Duration.ofMillis(20))
              .jitter(0.5)
              .staleIfError(Duration.ofMillis(20))
              .refreshAhead(Duration.ofMillis(5))
              .loadTimeout(Duration.ofMillis(30))
              .maxLoads(2)
              .register(this::load);
      KEYS.forEach(key -> source.put(key, 0));
      KEYS.forEach(key -> changed.put(key, 0));
      try (world) {
        IntStream.range(0, CALLERS).forEach(i -> world.start(this::call));
        world.untilAllHaveEnded();
        node.close();
        world.untilAllHaveEnded();
      }
    }

    private byte[] load(String key) throws Exception {
      int version = source.get(key);
      switch (random.nextInt(6)) {
        case 0 -> world.sleep(Duration.ofMillis(random.nextInt(50)));
        case 1 -> group.get(anyKey());
        case 2 -> throw new LoadException("the source is down");
        default -> world.pause();
      }
      if (version < changed.get(key)) {
        outdatedLoads++;
      }
      return bytes(version);
    }

    private void call() {
      for (int i = 0; i < OPERATIONS; i++) {
        String key = anyKey();
        switch (random.nextInt(8)) {
          case 0 -> change(key, version -> group.remove(key));
          case 1 -> change(key, version -> group.set(key, ByteView.of(bytes(version)), null));
          case 2 -> change(key, version -> group.clear());
          default -> get(key);
        }
      }
    }

    private interface Change {
      void make(int version) throws CacheException;
    }

    private void change(String key, Change change) {
      world.waitUntil(() -> !changing.contains(key));
      changing.add(key);
      int version = source.merge(key, 1, Integer::sum);
      world.pause();
      try {
        change.make(version);
      } catch (CacheException impossible) {
        throw new AssertionError(impossible);
      }
      changed.put(key, version);
      changing.remove(key);
    }

    private void get(String key) {
      int oldest = changed.get(key);
      try {
        int version = group.get(key, Duration.ofMillis(random.nextInt(40))).at(0);
        assertThat(version).as("version of " + key).isGreaterThanOrEqualTo(oldest);
      } catch (LoadTimeoutException | OverloadedException late) {
        tooLate++;
      } catch (CacheException down) {
        assertThat(down).isInstanceOf(LoadException.class);
      }
    }

    private String anyKey() {
      return KEYS.get(random.nextInt(KEYS.size()));
    }

    private static byte[] bytes(int version) {
      return new byte[] {(byte) version};
    }
  }

  static LongStream seeds() {
    return LongStream.range(0, 100);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void noGetReturnsWhatWasChangedBefore(long seed) {
    new Run(seed);
  }

  @Test
  void aRunIsRepeatedByItsSeed() {
    for (long seed = 0; seed < 20; seed++) {
      assertThat(new Run(seed).world.trace()).isEqualTo(new Run(seed).world.trace());
    }
  }

  @Test
  void theRunsReachWhatTheyAreAbout() {
    int outdatedLoads = 0;
    int tooLate = 0;
    long joined = 0;
    long stale = 0;
    for (long seed = 0; seed < 20; seed++) {
      Run run = new Run(seed);
      outdatedLoads += run.outdatedLoads;
      tooLate += run.tooLate;
      joined += run.group.stats().loadsDeduplicated();
      stale += run.group.stats().staleServed();
    }
    assertThat(outdatedLoads).isPositive();
    assertThat(tooLate).isPositive();
    assertThat(joined).isPositive();
    assertThat(stale).isPositive();
  }
}
