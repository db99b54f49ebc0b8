package geecache.cluster;

import geecache.SimulatedWorld;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executor;

/** What the classes of a node are made of, for tests of one of them. */
final class ClusterParts {
  private ClusterParts() {}

  /** Returns options with a short silence, and a bound of one wherever there is a bound. */
  static ClusterOptions options() {
    return new ClusterOptions(
        true,
        Duration.ofSeconds(1),
        1,
        10,
        1,
        1,
        Duration.ZERO,
        Duration.ZERO,
        true,
        false,
        Set.of());
  }

  /** Returns the time and chance of a world, and another executor. */
  static ClusterRuntime runtime(SimulatedWorld world, Executor executor) {
    return new ClusterRuntime(
        world.ticker(),
        () -> world.now() / 1_000_000,
        executor,
        world.timer(),
        world.random(),
        world.waiting());
  }

  /** Returns makers of senders that tell nothing. */
  static ChangeSender.Maker senders(SimulatedWorld world) {
    ClusterRuntime runtime = runtime(world, task -> {});
    return (url, link, contact) ->
        new ChangeSender(
            url,
            link,
            contact,
            1,
            options(),
            runtime,
            new HybridClock(1, runtime.wall()),
            new ChangeLog(1, 1, world.ticker()),
            (lost, why) -> {});
  }
}
