package geecache.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlannerTest {
  private static final int SEEDS = 100;

  @Test
  void aSeedIsOnePlan() {
    assertThat(Planner.of(7, 200)).isEqualTo(Planner.of(7, 200)).isNotEqualTo(Planner.of(8, 200));
  }

  @Test
  void aFewSeedsHaveEverything() {
    Set<Theme> themes = EnumSet.noneOf(Theme.class);
    Set<Fault.Kind> faults = EnumSet.noneOf(Fault.Kind.class);
    Set<Operation.Kind> operations = EnumSet.noneOf(Operation.Kind.class);
    for (long seed = 0; seed < SEEDS; seed++) {
      Plan plan = Planner.of(seed, 1_000);
      assertThat(plan.operations()).hasSizeGreaterThanOrEqualTo(1_000);
      assertThat(plan.setup().nodes()).isBetween(3, 7);
      assertThat(plan.setup().keys()).isLessThanOrEqualTo(Keys.COUNT);
      themes.add(plan.theme());
      plan.faults().forEach(fault -> faults.add(fault.kind()));
      plan.operations().forEach(operation -> operations.add(operation.kind()));
    }
    assertThat(themes).containsExactlyInAnyOrder(Theme.values());
    assertThat(faults).containsExactlyInAnyOrder(Fault.Kind.values());
    assertThat(operations).containsExactlyInAnyOrder(Operation.Kind.values());
  }

  @Test
  void aCalmPlanHasNoFaults() {
    for (long seed = 0; seed < SEEDS; seed++) {
      Plan plan = Planner.of(seed, 10);
      assertThat(plan.isCalm() && plan.isStable()).isEqualTo(plan.theme() == Theme.CALM);
    }
  }
}
