package geecache.metrics;

import geecache.internal.Durations;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * Durations that are told as a timer with a histogram.
 *
 * @param name as Micrometer writes it
 * @param tags by which timers of one name differ
 * @param description what is measured
 * @param durations finds them in their source
 */
record Timed<S>(String name, Tags tags, String description, Function<S, Durations> durations) {
  /** The upper bounds of the histogram's buckets: from a fast peer to a source that is down. */
  private static final Duration[] BOUNDS =
      LongStream.of(1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  Timer register(MeterRegistry registry, Iterable<Tag> more) {
    return Timer.builder(name)
        .description(description)
        .tags(tags.and(more))
        .serviceLevelObjectives(BOUNDS)
        .register(registry);
  }
}
