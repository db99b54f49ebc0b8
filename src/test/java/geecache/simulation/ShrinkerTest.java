package geecache.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShrinkerTest {
  private int runs;

  /**
   * Returns how a run ends that is broken by a set at node 1 of key 0 while a node stands still.
   */
  private Outcome run(Plan plan) {
    runs++;
    boolean paused = plan.faults().stream().anyMatch(f -> f.kind() == Fault.Kind.PAUSE);
    boolean set =
        plan.operations().stream()
            .anyMatch(o -> o.kind() == Operation.Kind.SET && o.node() == 1 && o.keys().contains(0));
    Breach breach = new Breach(Property.P3, 0, Long.MAX_VALUE, "broken");
    return new Outcome(
        plan,
        paused && set ? Map.of(Property.P3, breach) : Map.of(),
        new Counts(),
        plan.operations().size(),
        0,
        0,
        List.of());
  }

  private static boolean isBroken(Outcome outcome) {
    return outcome.breaches().containsKey(Property.P3);
  }

  @Test
  void onlyWhatBreaksThePromiseIsLeft() {
    long seed = 0;
    while (!isBroken(run(Planner.of(seed, 500)))) {
      seed++;
    }
    Outcome shortest = Shrinker.shorten(run(Planner.of(seed, 500)), Property.P3, 2_000, this::run);
    Plan plan = shortest.plan();
    assertThat(isBroken(shortest)).isTrue();
    assertThat(plan.faults()).extracting(Fault::kind).containsExactly(Fault.Kind.PAUSE);
    assertThat(plan.operations()).extracting(Operation::kind).containsExactly(Operation.Kind.SET);
    assertThat(plan.setup().nodes()).isEqualTo(2);
    assertThat(plan.timeLine()).contains("stands still", "at B: ", "set k0").hasLineCount(3);
  }

  @Test
  void aPlanIsShortenedForSoManyRunsOnly() {
    long seed = 0;
    while (!isBroken(run(Planner.of(seed, 500)))) {
      seed++;
    }
    Outcome broken = run(Planner.of(seed, 500));
    runs = 0;
    assertThat(isBroken(Shrinker.shorten(broken, Property.P3, 10, this::run))).isTrue();
    assertThat(runs).isLessThanOrEqualTo(10);
  }
}
