package geecache.metrics;

import geecache.internal.Durations;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongConsumer;

/** The meters of one group, one peer or one node in a registry. For use under the caller's lock. */
final class BoundMeters {
  private final MeterRegistry registry;
  private final Tags tags;
  private final List<Runnable> undo = new ArrayList<>();

  /**
   * Makes none yet.
   *
   * @param tags of all meters
   */
  BoundMeters(MeterRegistry registry, Tags tags) {
    this.registry = registry;
    this.tags = tags;
  }

  /** Adds meters of numbers that {@code read} takes from {@code source}. */
  <S, T> void add(List<Figure<S>> figures, Tags more, T source, Function<T, ? extends S> read) {
    for (Figure<S> figure : figures) {
      removeAtEnd(figure.register(registry, tags.and(more), source, read));
    }
  }

  /** Adds timers that listen to the durations of {@code source}. */
  <S> void time(List<Timed<S>> timed, Tags more, S source) {
    for (Timed<S> each : timed) {
      Timer timer = each.register(registry, tags.and(more));
      removeAtEnd(timer);
      Durations durations = each.durations().apply(source);
      LongConsumer listener = nanos -> timer.record(nanos, TimeUnit.NANOSECONDS);
      durations.listen(listener);
      undo.add(() -> durations.forget(listener));
    }
  }

  private void removeAtEnd(Meter meter) {
    undo.add(() -> registry.remove(meter));
  }

  /** Removes all meters from the registry. */
  void remove() {
    undo.forEach(Runnable::run);
    undo.clear();
  }
}
