package geecache.simulation;

import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;

/** How often each property was exercised: how often it could have been broken. */
final class Counts {
  private final Map<Property, Long> counts = new EnumMap<>(Property.class);

  void add(Property property) {
    add(property, 1);
  }

  void add(Property property, long count) {
    counts.merge(property, count, Long::sum);
  }

  void add(Counts others) {
    others.counts.forEach(this::add);
  }

  long of(Property property) {
    return counts.getOrDefault(property, 0L);
  }

  @Override
  public String toString() {
    StringJoiner all = new StringJoiner(" ");
    for (Property property : Property.values()) {
      all.add(property + "=" + of(property));
    }
    return all.toString();
  }
}
