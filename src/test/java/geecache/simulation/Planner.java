package geecache.simulation;

import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Draws a {@link Plan} from a seed. */
final class Planner extends Draw {
  private static final Theme[] THEMES = {
    Theme.CALM,
    Theme.NETWORK,
    Theme.NETWORK,
    Theme.VIEWS,
    Theme.VIEWS,
    Theme.RESTARTS,
    Theme.RESTARTS,
    Theme.MIXED
  };

  private static final int OF_HUNDRED_WITH_LEASES = 50;

  private Planner(RandomGenerator random) {
    super(random);
  }

  /** Clocks are drawn apart from all else, so that the other draws of a seed stay as they were. */
  private static final long CLOCKS = 0x6a09e667f3bcc909L;

  /** So are the versions of values. */
  private static final long VERSIONS = 0xbb67ae8584caa73bL;

  /** So is who loads under leases. */
  private static final long LEASES = 0x3c6ef372fe94f82bL;

  /** Returns the plan of a seed, with at least so many operations. */
  static Plan of(long seed, int operations) {
    Plan plan = new Planner(new SplittableRandom(seed)).draw(seed, operations);
    Planner clocks = new Planner(new SplittableRandom(seed ^ CLOCKS));
    Plan timed =
        clocks.in(30)
            ? plan.withSetup(plan.setup().withClockSkew(clocks.anyOf(2, 50, 1_000, 20_000)))
            : plan;
    Plan versioned = new Planner(new SplittableRandom(seed ^ VERSIONS)).withVersions(timed);
    SplittableRandom leases = new SplittableRandom(seed ^ LEASES);
    return leases.nextInt(100) < OF_HUNDRED_WITH_LEASES
        ? new LeaseDraw(leases, versioned).draw()
        : versioned;
  }

  /** What is set in memory alone is lost where another version is asked. */
  private Plan withVersions(Plan plan) {
    Setup setup = plan.setup();
    if (plan.theme() == Theme.CALM || setup.memoryKeys() > 0 || !in(40)) {
      return plan;
    }
    int newer = in(60) ? random.nextInt(1 << setup.nodes()) : 0;
    return plan.withSetup(setup.withVersions(newer, in(60), in(50) ? anyOf(20, 500, 3_000) : 0));
  }

  private Plan draw(long seed, int operations) {
    Theme theme = anyOf(THEMES);
    Setup setup = new SetupDraw(random).draw(theme);
    int length = in(85) ? between(4_000, 15_000) : between(70_000, 140_000);
    List<Fault> faults = new FaultDraw(random, theme, setup, length).draw();
    List<Operation> all = new OperationDraw(random, setup, faults, length).draw(operations);
    return new Plan(seed, random.nextLong(), theme, setup, faults, all);
  }
}
