package geecache.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A number that is told as a meter.
 *
 * @param name as Micrometer writes it
 * @param kind whether the number only grows
 * @param unit the base unit, which becomes part of the name; null for numbers of things
 * @param tags by which meters of one name differ
 * @param description what is counted
 * @param value takes the number from what it is read from
 */
record Figure<S>(
    String name,
    Kind kind,
    @Nullable String unit,
    Tags tags,
    String description,
    ToDoubleFunction<S> value) {

  /** Whether a number only grows. */
  enum Kind {
    COUNTER,
    GAUGE
  }

  static <S> Figure<S> counter(String name, String description, ToDoubleFunction<S> value) {
    return new Figure<>(name, Kind.COUNTER, null, Tags.empty(), description, value);
  }

  static <S> Figure<S> gauge(String name, String description, ToDoubleFunction<S> value) {
    return new Figure<>(name, Kind.GAUGE, null, Tags.empty(), description, value);
  }

  Figure<S> in(String baseUnit) {
    return new Figure<>(name, kind, baseUnit, tags, description, value);
  }

  Figure<S> with(String key, String tag) {
    return new Figure<>(name, kind, unit, tags.and(key, tag), description, value);
  }

  /**
   * Makes the meter.
   *
   * @param source held weakly: the number ends with it
   * @param read makes what the number is taken from, each time
   */
  <T> Meter register(
      MeterRegistry registry, Iterable<Tag> more, T source, Function<T, ? extends S> read) {
    ToDoubleFunction<T> number = from -> value.applyAsDouble(read.apply(from));
    Tags all = tags.and(more);
    return kind == Kind.COUNTER
        ? FunctionCounter.builder(name, source, number)
            .baseUnit(unit)
            .description(description)
            .tags(all)
            .register(registry)
        : Gauge.builder(name, source, number)
            .baseUnit(unit)
            .description(description)
            .tags(all)
            .register(registry);
  }
}
