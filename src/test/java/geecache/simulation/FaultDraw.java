package geecache.simulation;

import geecache.simulation.Fault.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/** Draws what goes wrong in a plan. */
final class FaultDraw extends Draw {
  private static final Kind[] NETWORK = {
    Kind.PAUSE,
    Kind.PAUSE,
    Kind.CUT,
    Kind.CUT_ONE_WAY,
    Kind.SLOW,
    Kind.SLOW,
    Kind.LOSE,
    Kind.LOSE_ANSWERS,
    Kind.REPEAT,
    Kind.SLOW_SOURCE
  };
  private static final Kind[] VIEWS = {
    Kind.HIDE, Kind.HIDE, Kind.HIDE, Kind.HIDE, Kind.LEAVE, Kind.SLOW, Kind.SLOW_SOURCE
  };
  private static final Kind[] RESTARTS = {
    Kind.CRASH, Kind.CRASH, Kind.UNDEPLOY, Kind.UNDEPLOY, Kind.LEAVE, Kind.CUT, Kind.SLOW_SOURCE
  };
  private static final Kind[] MIXED = {
    Kind.HIDE,
    Kind.CRASH,
    Kind.UNDEPLOY,
    Kind.LEAVE,
    Kind.PAUSE,
    Kind.CUT,
    Kind.CUT_ONE_WAY,
    Kind.SLOW,
    Kind.LOSE,
    Kind.LOSE_ANSWERS,
    Kind.REPEAT,
    Kind.SLOW_SOURCE,
    Kind.FAILING_SOURCE
  };

  private final Theme theme;
  private final Setup setup;
  private final int length;

  FaultDraw(RandomGenerator random, Theme theme, Setup setup, int length) {
    super(random);
    this.theme = theme;
    this.setup = setup;
    this.length = length;
  }

  List<Fault> draw() {
    List<Fault> faults = new ArrayList<>();
    if (theme == Theme.CALM) {
      return faults;
    }
    if (setup.late() > 0) {
      int joining = Nodes.of(setup.nodes() - 1);
      faults.add(new Fault(Kind.JOIN, between(500, length - 1), 0, joining, 0, 0));
    }
    if (theme == Theme.MIXED && in(8)) {
      faults.add(fault(Kind.SHARED_URL));
    }
    for (int i = between(1, 10); i > 0; i--) {
      Fault fault = fault(kind());
      faults.add(fault);
      if (fault.kind() == Kind.HIDE && in(40)) {
        flicker(fault, faults);
      } else if (fault.kind() == Kind.UNDEPLOY && in(40)) {
        faults.add(cutBefore(fault));
      }
    }
    faults.sort(Comparator.comparingInt(Fault::at));
    return faults;
  }

  private Kind kind() {
    return switch (theme) {
      case CALM, NETWORK -> anyOf(NETWORK);
      case VIEWS -> anyOf(VIEWS);
      case RESTARTS -> anyOf(RESTARTS);
      case MIXED -> anyOf(MIXED);
    };
  }

  private Fault fault(Kind kind) {
    int at = between(200, length - 1);
    int lasts = lasts();
    int one = Nodes.of(random.nextInt(setup.nodes()));
    int others = Nodes.first(setup.nodes()) & ~one;
    int another = in(40) ? others : some(others);
    return switch (kind) {
      case HIDE -> hide(at, lasts, one, others);
      case CRASH -> new Fault(kind, at, lasts, one, 0, anyOf(0, 1, between(1, Math.max(1, lasts))));
      case UNDEPLOY, LEAVE -> new Fault(kind, at, lasts, one, 0, random.nextInt(2));
      case JOIN -> throw new AssertionError("only as the first");
      case PAUSE -> new Fault(kind, at, Math.min(lasts, 6_000), one, 0, 0);
      case CUT -> new Fault(kind, at, lasts, one, another, random.nextInt(2));
      case CUT_ONE_WAY -> new Fault(kind, at, lasts, one, another, 0);
      case SLOW -> slow(at, lasts, one, another);
      case LOSE, LOSE_ANSWERS, REPEAT ->
          new Fault(kind, at, lasts, all(one), all(another), anyOf(10, 30, 100));
      case SHARED_URL ->
          new Fault(kind, at, Math.min(lasts, 3_000), one, Nodes.of(oneOf(others)), 0);
      case SLOW_SOURCE -> new Fault(kind, at, lasts, 0, 0, anyOf(200, 1_000, 2_500));
      case FAILING_SOURCE -> new Fault(kind, at, lasts, 0, 0, anyOf(20, 100));
    };
  }

  /** What is hidden is seen and hidden some times more, each time for a few milliseconds. */
  private void flicker(Fault hidden, List<Fault> faults) {
    int at = hidden.at();
    for (int i = between(1, 6); i > 0; i--) {
      int lasts = between(1, 3);
      at -= lasts + between(1, 2);
      int begin = Math.max(0, at);
      faults.add(new Fault(Kind.HIDE, begin, lasts, hidden.nodes(), hidden.others(), 0));
    }
  }

  /** Some node cannot tell a node that will be undeployed anything. */
  private Fault cutBefore(Fault undeployed) {
    int others = Nodes.first(setup.nodes()) & ~undeployed.nodes();
    int at = Math.max(0, undeployed.at() - between(0, 2_000));
    return new Fault(
        in(50) ? Kind.CUT : Kind.CUT_ONE_WAY,
        at,
        between(1_000, 6_000),
        Nodes.of(oneOf(others)),
        undeployed.nodes(),
        random.nextInt(2));
  }

  /** Returns one of some nodes. */
  private int oneOf(int nodes) {
    int skipped = random.nextInt(Integer.bitCount(nodes));
    return Nodes.each(nodes).skip(skipped).findFirst().orElseThrow();
  }

  /**
   * A node does not see some others, or is seen by none; or some are not seen by some, for example
   * since a name server gives short answers.
   */
  private Fault hide(int at, int lasts, int one, int others) {
    int kind = random.nextInt(3);
    if (kind == 0) {
      return new Fault(Kind.HIDE, at, lasts, one, in(50) ? others : some(others), 0);
    } else if (kind == 1) {
      return new Fault(Kind.HIDE, at, lasts, others, one, 0);
    }
    int all = Nodes.first(setup.nodes());
    return new Fault(Kind.HIDE, at, Math.min(lasts, 5_000), some(all), some(all), 0);
  }

  private Fault slow(int at, int lasts, int one, int another) {
    return new Fault(Kind.SLOW, at, lasts, all(one), all(another), anyOf(20, 500, 3_000));
  }

  private int all(int nodes) {
    return in(30) ? Nodes.first(setup.nodes()) : nodes;
  }

  private int lasts() {
    int kind = random.nextInt(100);
    if (kind < 35) {
      return between(5, 500);
    } else if (kind < 75) {
      return between(500, 3_000);
    }
    return length > 60_000 && kind > 92 ? between(60_000, 75_000) : between(3_000, 12_000);
  }

  private int some(int nodes) {
    int some = 0;
    while (some == 0) {
      some = nodes & random.nextInt(1 << setup.nodes());
    }
    return some;
  }
}
