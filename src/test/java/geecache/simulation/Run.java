package geecache.simulation;

import geecache.cluster.SimulatedNetwork.Message;
import geecache.cluster.SimulatedNetwork.Sent;
import java.time.Duration;
import java.util.Map;

/** Carries a plan out, and checks what is promised. */
final class Run {
  /** What callers may take longer than the plan. */
  private static final Duration GRACE = Duration.ofMinutes(10);

  private final Simulation simulation;
  private int operations;

  private Run(Simulation simulation) {
    this.simulation = simulation;
  }

  /** Runs a plan. */
  static Outcome of(Plan plan) {
    Simulation simulation = new Simulation(plan);
    Run run = new Run(simulation);
    try (simulation) {
      run.run();
    } catch (AssertionError | RuntimeException broken) {
      simulation.report(Property.P6, Breach.NO_KEY, trace(broken));
    }
    return new Outcome(
        plan,
        Map.copyOf(simulation.breaches()),
        simulation.exercised,
        run.operations,
        simulation.world.now(),
        fingerprint(simulation),
        simulation.story());
  }

  private static long fingerprint(Simulation simulation) {
    simulation.history.mix(simulation.world.trace());
    for (Sent sent : simulation.network.log()) {
      Message message = sent.message();
      simulation.history.mix(sent.at());
      simulation.history.mix(message.from().hashCode() * 31L + message.to().hashCode());
      simulation.history.mix(message.kind().ordinal());
    }
    return simulation.history.fingerprint();
  }

  private static String trace(Throwable broken) {
    java.io.StringWriter text = new java.io.StringWriter();
    broken.printStackTrace(new java.io.PrintWriter(text));
    return text.toString();
  }

  private void run() {
    simulation.running().forEach(simulation::refresh);
    simulation.world.pass(Duration.ofMillis(1));
    FinalChecks checks = new FinalChecks(simulation);
    checks.awaitContact();
    Callers callers = new Callers(simulation);
    FaultScript faults = new FaultScript(simulation, callers);
    callers.begin();
    LeaseChecks leases = new LeaseChecks(simulation);
    leases.begin();
    faults.begin();
    Duration planned = Duration.ofMillis(simulation.plan.end());
    simulation.world.pass(planned);
    simulation.world.until(() -> callers.haveEnded() && faults.hasEnded(), GRACE);
    operations = callers.operations();
    leases.end();
    if (!callers.haveEnded()) {
      simulation.report(Property.P6, Breach.NO_KEY, "a caller has waited for ten minutes");
      return;
    }
    checks.settle();
    leases.checkQuiet();
    checks.run();
  }
}
