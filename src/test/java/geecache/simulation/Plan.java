package geecache.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A run before it begins. All of it is data, so that parts can be left out.
 *
 * @param seed from which it was drawn
 * @param schedule decides in the run which thread goes on, and how long messages take
 * @param operations in the order of their times
 */
record Plan(
    long seed,
    long schedule,
    Theme theme,
    Setup setup,
    List<Fault> faults,
    List<Operation> operations) {

  Plan {
    faults = List.copyOf(faults);
    operations = List.copyOf(operations);
  }

  Plan withSchedule(long other) {
    return new Plan(seed, other, theme, setup, faults, operations);
  }

  Plan withFaults(List<Fault> fewer) {
    return new Plan(seed, schedule, theme, setup, fewer, operations);
  }

  Plan withOperations(List<Operation> fewer) {
    return new Plan(seed, schedule, theme, setup, faults, fewer);
  }

  Plan withSetup(Setup other) {
    return new Plan(seed, schedule, theme, other, faults, operations);
  }

  /** Whether all nodes have the same view from beginning to end, and remember everything. */
  boolean isStable() {
    return setup.late() == 0 && faults.stream().noneMatch(Fault::changesViews);
  }

  /** Whether nothing goes wrong in the cluster. */
  boolean isCalm() {
    return setup.late() == 0 && faults.stream().noneMatch(Fault::isInCluster);
  }

  /**
   * Whether two nodes answer at one URL for a while. Then nobody can know which of them was told.
   */
  boolean hasSharedUrl() {
    return faults.stream().anyMatch(fault -> fault.kind() == Fault.Kind.SHARED_URL);
  }

  /** Returns the nodes that it is about, one bit for each. */
  int nodes() {
    return Nodes.first(setup.nodes());
  }

  /** Returns when all of it has begun, and all faults are over, in milliseconds. */
  int end() {
    int faultsEnd = faults.stream().mapToInt(Fault::end).max().orElse(0);
    long last = operations.isEmpty() ? 0 : operations.get(operations.size() - 1).at();
    return Math.max(faultsEnd, (int) (last / 1_000));
  }

  private record Line(long at, String text) {}

  /** Returns it as a time line that people can read. */
  String timeLine() {
    List<Line> lines = new ArrayList<>();
    for (Fault fault : faults) {
      lines.add(new Line(fault.at() * 1_000L, "-- " + fault));
    }
    for (Operation operation : operations) {
      lines.add(new Line(operation.at(), operation.toString()));
    }
    lines.sort(Comparator.comparingLong(Line::at));
    return String.join(
        "\n",
        Stream.concat(
                Stream.of(setup.toString()),
                lines.stream().map(line -> time(line.at()) + "  " + line.text()))
            .toList());
  }

  static String time(long micros) {
    return "%d.%06d s".formatted(micros / 1_000_000, micros % 1_000_000);
  }
}
