package geecache.simulation;

import geecache.simulation.Operation.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Makes a plan that breaks a promise shorter: leaves out callers, nodes, faults and operations
 * while the same promise is still broken. What is left runs in another order than before, so each
 * shorter plan is tried with several schedules.
 */
final class Shrinker {
  private final Property property;
  private final Function<Plan, Outcome> run;
  private Outcome best;
  private int runsLeft;

  private Shrinker(Outcome broken, Property property, int mostRuns, Function<Plan, Outcome> run) {
    this.property = property;
    this.run = run;
    this.best = broken;
    this.runsLeft = mostRuns;
  }

  /** Returns the outcome of the shortest plan that was found within so many runs. */
  static Outcome shorten(
      Outcome broken, Property property, int mostRuns, Function<Plan, Outcome> run) {
    Shrinker shrinker = new Shrinker(broken, property, mostRuns, run);
    shrinker.shorten();
    return shrinker.best;
  }

  private void shorten() {
    keep(best.plan().withOperations(begunBefore(breach().nanos())));
    keep(best.plan().withOperations(about(breach().key())));
    int before;
    do {
      before = size();
      without(Plan::faults, Plan::withFaults);
      without(Plan::operations, Plan::withOperations);
      withoutNodes();
      withFewerKeys();
      simplify();
    } while (size() < before && runsLeft > 0);
  }

  private Breach breach() {
    return best.breaches().get(property);
  }

  private List<Operation> begunBefore(long nanos) {
    return best.plan().operations().stream()
        .filter(operation -> 1_000 * operation.at() <= nanos)
        .toList();
  }

  private List<Operation> about(int key) {
    return best.plan().operations().stream()
        .filter(operation -> operation.kind() == Kind.CLEAR || operation.keys().contains(key))
        .toList();
  }

  private int size() {
    Plan plan = best.plan();
    int keys = plan.operations().stream().mapToInt(each -> each.keys().size()).sum();
    return plan.operations().size() + keys + plan.faults().size() + plan.setup().nodes();
  }

  /** Returns how many schedules are tried: short plans depend on them more, and cost less. */
  private static int schedules(Plan plan) {
    int operations = plan.operations().size();
    return operations > 100 ? 1 : operations > 30 ? 2 : operations > 10 ? 6 : 24;
  }

  /** Tries a plan, and keeps it if it breaks the same promise. */
  private boolean keep(Plan plan) {
    for (int i = 0; i < schedules(plan) && runsLeft > 0; i++) {
      runsLeft--;
      Outcome outcome = run.apply(plan.withSchedule(plan.schedule() + i));
      if (outcome.breaches().containsKey(property)) {
        best = outcome;
        return true;
      }
    }
    return false;
  }

  /** Leaves out parts of a list: halves first, then smaller parts, down to single ones. */
  private <T> void without(Function<Plan, List<T>> part, Replace<T> replace) {
    for (int length = part.apply(best.plan()).size(); length > 0; length /= 2) {
      for (int from = 0; from < part.apply(best.plan()).size() && runsLeft > 0; ) {
        List<T> all = part.apply(best.plan());
        List<T> fewer = new ArrayList<>(all.subList(0, from));
        fewer.addAll(all.subList(Math.min(all.size(), from + length), all.size()));
        if (length == all.size() || !keep(replace.in(best.plan(), fewer))) {
          from += length;
        }
      }
    }
  }

  private interface Replace<T> {
    Plan in(Plan plan, List<T> fewer);
  }

  /** Leaves out the last node, if that is not needed. */
  private void withoutNodes() {
    while (best.plan().setup().nodes() > 2 && runsLeft > 0) {
      Plan plan = best.plan();
      int last = plan.setup().nodes() - 1;
      Predicate<Operation> kept = operation -> operation.node() != last;
      Plan fewer =
          plan.withOperations(plan.operations().stream().filter(kept).toList())
              .withFaults(
                  plan.faults().stream()
                      .map(fault -> fault.without(last))
                      .filter(Fault::isAboutSomething)
                      .toList())
              .withSetup(plan.setup().withNodes(last));
      if (!keep(fewer)) {
        return;
      }
    }
  }

  /** Leaves out keys of operations that are about many: half of them, then fewer. */
  private void withFewerKeys() {
    for (int i = 0; i < best.plan().operations().size(); i++) {
      int at = i;
      int many = best.plan().operations().get(i).keys().size();
      if (many > 1) {
        without(
            plan -> plan.operations().get(at).keys(),
            (plan, keys) -> {
              List<Operation> all = new ArrayList<>(plan.operations());
              all.set(at, all.get(at).withKeys(keys));
              return plan.withOperations(all);
            });
      }
    }
  }

  /** Tries simpler settings, one after the other. */
  private void simplify() {
    for (Setup simpler : best.plan().setup().simpler()) {
      keep(best.plan().withSetup(simpler));
    }
  }
}
