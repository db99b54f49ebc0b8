package geecache.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A short search, the same each time; {@link SimulationTest} is the long one. */
@Tag("alone")
class FixedSeedsTest {
  @Test
  void noneOfTwoHundredSeedsBreaksAPromise() throws Exception {
    Search search = new Search(1, 200, 300, 1, System.out);
    assertThat(search.run(2)).isZero();
    assertThat(Property.values()).allMatch(property -> search.exercised(property) > 0);
  }
}
