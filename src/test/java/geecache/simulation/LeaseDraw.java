package geecache.simulation;

import geecache.simulation.Operation.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Draws who loads under leases in a plan. Some of its gets have loaders then, and there are more
 * scenes, each about one key: one caller loads it, and others wait, while it is changed, or while
 * something happens to the node of that caller.
 */
final class LeaseDraw extends Draw {
  /** Callers of scenes have numbers from here on, so that they do nothing else at that time. */
  private static final int FIRST_CALLER = 100;

  private static final Kind[] HOLDERS = {
    Kind.LOAD,
    Kind.LOAD_SLOWLY,
    Kind.LOAD_SLOWLY,
    Kind.LOAD_SLOWLY,
    Kind.LOAD_HANGS,
    Kind.LOAD_FAILS,
    Kind.LOAD_ENDS,
    Kind.LOAD_OLD,
    Kind.LOAD_UNSURE
  };

  private final Plan plan;
  private final Setup setup;
  private final List<Operation> all = new ArrayList<>();

  LeaseDraw(RandomGenerator random, Plan plan) {
    super(random);
    this.plan = plan;
    this.setup = plan.setup();
  }

  Plan draw() {
    for (Operation operation : plan.operations()) {
      all.add(other(operation));
    }
    for (int i = between(4, 10); i > 0; i--) {
      scene();
    }
    all.sort(Comparator.comparingLong(Operation::at));
    Leasing leasing = new Leasing(anyOf(700, 2_000, 5_000, 10_000), in(50));
    return plan.withSetup(setup.withLeasing(leasing)).withOperations(all);
  }

  private Operation other(Operation operation) {
    return switch (operation.kind()) {
      case GET -> in(60) ? operation.as(kind()) : operation;
      case SET -> in(30) ? operation.asPut() : operation;
      default -> operation;
    };
  }

  private Kind kind() {
    return in(12) ? Kind.LOOK : in(60) ? Kind.LOAD : anyOf(HOLDERS);
  }

  private void scene() {
    List<Operation> scene = new ArrayList<>();
    int key = random.nextInt(setup.hotKeys());
    boolean isAtFault = !plan.faults().isEmpty() && in(60);
    int at = isAtFault ? 0 : between(100, Math.max(200, plan.end()));
    int holder = random.nextInt(setup.nodes());
    if (isAtFault) {
      Fault fault = plan.faults().get(random.nextInt(plan.faults().size()));
      at = Math.max(100, fault.at() - between(5, 400));
      holder = fault.nodes() != 0 && in(75) ? Nodes.any(fault.nodes()) : holder;
    }
    if (in(80)) {
      add(scene, at - between(20, 80), Kind.REMOVE, random.nextInt(setup.nodes()), key, in(80));
    }
    add(scene, at, anyOf(HOLDERS), holder, key, false);
    for (int i = between(2, 6); i > 0; i--) {
      Kind kind = in(25) ? Kind.GET : in(75) ? Kind.LOAD : anyOf(HOLDERS);
      add(scene, at + between(5, 600), kind, random.nextInt(setup.nodes()), key, false);
    }
    if (in(60)) {
      int changed = at + between(20, 1_500);
      Kind change = in(75) ? Kind.REMOVE : Kind.SET;
      add(scene, changed, change, random.nextInt(setup.nodes()), key, true);
      for (int i = between(1, 4); i > 0; i--) {
        Kind kind = in(50) ? Kind.GET : Kind.LOAD;
        int later = changed + anyOf(between(0, 30), between(0, 2_500));
        add(scene, later, kind, random.nextInt(setup.nodes()), key, false);
      }
    }
    all.addAll(scene);
  }

  private void add(
      List<Operation> scene, int millis, Kind kind, int node, int key, boolean writes) {
    long at = 1_000L * Math.max(0, millis) + random.nextInt(1_000);
    scene.add(new Operation(FIRST_CALLER + scene.size(), at, kind, node, List.of(key), writes));
  }
}
