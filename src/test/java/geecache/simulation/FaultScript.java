package geecache.simulation;

import geecache.cluster.SimulatedNetwork.Message;
import geecache.cluster.SimulatedNetwork.Trouble;
import geecache.cluster.SimulatedNode;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Has the faults of a plan happen at their times. */
final class FaultScript {
  /** How long it takes, at most, until a node sees that the members have changed. */
  private static final int TELLING_MILLIS = 500;

  private static final int REPEATED_WITHIN_MILLIS = 5_000;

  private final Simulation simulation;
  private final Callers callers;

  /** The nodes that a new node is told of. */
  private int members;

  /** How many faults have nodes that they have not started again. */
  private int underWay;

  FaultScript(Simulation simulation, Callers callers) {
    this.simulation = simulation;
    this.callers = callers;
    this.members = Nodes.first(simulation.setup.nodes() - simulation.setup.late());
  }

  void begin() {
    for (Fault fault : simulation.plan.faults()) {
      long wait = fault.at() - TimeUnit.NANOSECONDS.toMillis(simulation.world.now());
      after((int) Math.max(0, wait), () -> begin(fault));
    }
  }

  /** Whether no node has to be started any more. */
  boolean hasEnded() {
    return underWay == 0;
  }

  private void after(int millis, Runnable action) {
    simulation.world.after(Duration.ofMillis(millis), action);
  }

  private void begin(Fault fault) {
    simulation.tell(() -> "-- " + fault);
    switch (fault.kind()) {
      case HIDE -> {
        hide(fault, 1);
        after(fault.lasts(), () -> hide(fault, -1));
      }
      case CRASH -> crash(fault);
      case UNDEPLOY -> undeploy(fault);
      case LEAVE -> leave(fault);
      case JOIN -> join(Nodes.any(fault.nodes()));
      case PAUSE -> pause(fault);
      case CUT -> {
        boolean refused = fault.amount() == 1;
        trouble(fault, trouble(between(fault.nodes(), fault.others()), 100, 100, refused, 0, 0));
        trouble(fault, trouble(between(fault.others(), fault.nodes()), 100, 100, refused, 0, 0));
      }
      case CUT_ONE_WAY -> {
        trouble(fault, trouble(between(fault.nodes(), fault.others()), 100, 0, false, 0, 0));
        trouble(fault, trouble(between(fault.others(), fault.nodes()), 0, 100, false, 0, 0));
      }
      case SLOW ->
          trouble(
              fault,
              trouble(between(fault.nodes(), fault.others()), 0, 0, false, fault.amount(), 0));
      case LOSE ->
          trouble(
              fault,
              trouble(between(fault.nodes(), fault.others()), fault.amount(), 0, false, 0, 0));
      case LOSE_ANSWERS ->
          trouble(
              fault,
              trouble(between(fault.nodes(), fault.others()), 0, fault.amount(), false, 0, 0));
      case REPEAT ->
          trouble(
              fault,
              trouble(between(fault.nodes(), fault.others()), 0, 0, false, 0, fault.amount()));
      case SHARED_URL -> {
        SimulatedNode first = simulation.node(Nodes.any(fault.nodes()));
        simulation.network.share(first, simulation.node(Nodes.any(fault.others())));
        after(fault.lasts(), () -> simulation.network.unshare(first));
      }
      case SLOW_SOURCE -> {
        simulation.source.slow(fault.amount());
        after(fault.lasts(), () -> simulation.source.slow(0));
      }
      case FAILING_SOURCE -> {
        simulation.source.fail(fault.amount());
        after(fault.lasts(), () -> simulation.source.fail(0));
      }
    }
  }

  private Predicate<Message> between(int from, int to) {
    return message -> isAmong(message.from(), from) && isAmong(message.to(), to);
  }

  private boolean isAmong(String url, int nodes) {
    for (int rest = nodes; rest != 0; rest &= rest - 1) {
      if (simulation.node(Nodes.any(rest)).url().equals(url)) {
        return true;
      }
    }
    return false;
  }

  private static Trouble trouble(
      Predicate<Message> about,
      int lostRequests,
      int lostAnswers,
      boolean refused,
      int late,
      int repeated) {
    return new Trouble(
        about, lostRequests, lostAnswers, refused, late, repeated, REPEATED_WITHIN_MILLIS);
  }

  private void trouble(Fault fault, Trouble trouble) {
    simulation.network.begin(trouble);
    after(fault.lasts(), () -> simulation.network.end(trouble));
  }

  private void hide(Fault fault, int change) {
    Nodes.each(fault.nodes())
        .forEach(
            viewer -> {
              Nodes.each(fault.others())
                  .forEach(other -> simulation.lists.hide(viewer, other, change));
              simulation.refresh(viewer);
            });
  }

  private void pause(Fault fault) {
    Nodes.each(fault.nodes())
        .forEach(
            node -> {
              SimulatedNode paused = simulation.node(node);
              if (paused.isRunning() && !paused.process().isStopped()) {
                geecache.SimulatedProcess process = paused.process();
                process.stop();
                simulation.noteStill(node);
                after(
                    fault.lasts(),
                    () -> {
                      process.resume();
                      simulation.noteStill(node);
                    });
              }
            });
  }

  /** Tells all others, each a moment later, that a node is a member, or is none any more. */
  private void tellAll(int node, boolean isMember) {
    members = isMember ? members | Nodes.of(node) : members & ~Nodes.of(node);
    for (int i = 0; i < simulation.setup.nodes(); i++) {
      int viewer = i;
      if (viewer != node) {
        after(
            simulation.world.random().nextInt(TELLING_MILLIS),
            () -> {
              simulation.lists.tell(viewer, node, Nodes.has(members, node));
              simulation.refresh(viewer);
            });
      }
    }
  }

  private void start(int node, boolean afterGoodbye) {
    simulation.tell(() -> Nodes.name(node) + " is started");
    simulation.raiseRelease(node);
    simulation.node(node).start();
    simulation.noteStart(node, afterGoodbye);
    simulation.registerLater(node);
    members |= Nodes.of(node);
    simulation.lists.forget(node, members);
    simulation.refresh(node);
  }

  private void join(int node) {
    if (!simulation.node(node).isRunning()) {
      start(node, false);
      tellAll(node, true);
    }
  }

  private void crash(Fault fault) {
    int node = Nodes.any(fault.nodes());
    SimulatedNode crashed = simulation.node(node);
    if (!crashed.isRunning()) {
      return;
    }
    underWay++;
    Incarnation ended = simulation.history.node(node);
    crashed.crash();
    ended.end();
    callers.lose(ended);
    boolean dropped = fault.amount() > 0 && fault.amount() < fault.lasts();
    if (dropped) {
      after(fault.amount(), () -> tellAll(node, false));
    }
    after(
        fault.lasts(),
        () -> {
          start(node, false);
          if (dropped) {
            tellAll(node, true);
          }
          underWay--;
        });
  }

  private void undeploy(Fault fault) {
    int node = Nodes.any(fault.nodes());
    if (simulation.node(node).isRunning()) {
      underWay++;
      simulation.world.start(() -> redeploy(node, fault.lasts(), fault.amount() > 0));
    }
  }

  /** Closes a node, and starts another. */
  private void redeploy(int node, int lasts, boolean dropped) {
    long begin = simulation.world.now();
    SimulatedNode closed = simulation.node(node);
    Incarnation ended = simulation.history.node(node);
    try {
      closed
          .process()
          .call(
              () -> {
                closed.stop();
                return null;
              });
      limitClosing(node, begin);
      simulation.tell(() -> Nodes.name(node) + " is closed");
      ended.end();
      if (dropped) {
        tellAll(node, false);
      }
      long left = TimeUnit.MILLISECONDS.toNanos(lasts) - (simulation.world.now() - begin);
      simulation.world.sleep(Duration.ofNanos(Math.max(0, left)));
    } catch (Exception impossible) {
      throw new AssertionError(impossible);
    }
    start(node, true);
    if (dropped) {
      tellAll(node, true);
    }
    underWay--;
  }

  /** A node hands over, and waits for its threads and those of its peers. */
  private void limitClosing(int node, long begin) {
    long took = simulation.world.now() - begin;
    long limit = simulation.setup.handoff() + 3 * Setup.TIMEOUT + 11_000;
    if (!simulation.stoodStill(node, begin)) {
      simulation.exercised.add(Property.P6);
      if (took > TimeUnit.MILLISECONDS.toNanos(limit)) {
        simulation.report(
            Property.P6,
            Breach.NO_KEY,
            Nodes.name(node) + " took " + Duration.ofNanos(took) + " to close");
      }
    }
  }

  private void leave(Fault fault) {
    int node = Nodes.any(fault.nodes());
    SimulatedNode leaving = simulation.node(node);
    if (!leaving.isRunning() || leaving.process().isStopped()) {
      return;
    }
    Incarnation then = simulation.history.node(node);
    simulation.lists.leave(node, true);
    leaving.process().start(() -> leaving.cluster().leave());
    underWay++;
    after(
        fault.lasts(),
        () -> {
          if (!leaving.isRunning() || simulation.history.node(node) != then) {
            underWay--; // It has ended by another fault.
          } else if (fault.amount() == 1) {
            simulation.world.start(() -> redeploy(node, 0, true));
          } else {
            simulation.lists.leave(node, false);
            leaving.process().start(() -> leaving.cluster().stay());
            underWay--;
          }
        });
  }
}
