package geecache.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The search as {@code mvn test -Psimulation} runs it. */
@Tag("simulation")
class SimulationTest {
  @Test
  void noSeedBreaksAPromise() throws Exception {
    Search search =
        new Search(
            Long.getLong("simulation.from", 1),
            Long.getLong("simulation.seeds", 200),
            Integer.getInteger("simulation.operations", 1_000),
            Integer.getInteger("simulation.shorten", 1),
            System.out);
    assertThat(search.run(Integer.getInteger("simulation.threads", 2))).isZero();
  }
}
