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

  private Planner(RandomGenerator random) {
    super(random);
  }

  /** Returns the plan of a seed, with at least so many operations. */
  static Plan of(long seed, int operations) {
    return new Planner(new SplittableRandom(seed)).draw(seed, operations);
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
