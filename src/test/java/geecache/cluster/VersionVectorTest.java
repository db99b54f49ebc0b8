package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VersionVectorTest {
  @Test
  void ofAnOriginThatIsMissingNothingIsKnown() {
    assertThat(VersionVector.EMPTY.of(7)).isZero();
    assertThat(new VersionVector(Map.of(7L, 3L)).of(7)).isEqualTo(3);
  }

  @Test
  void twoTogetherKnowWhatEitherKnows() {
    VersionVector one = new VersionVector(Map.of(1L, 5L, 2L, 5L));
    VersionVector other = new VersionVector(Map.of(2L, 7L, 3L, 1L));
    VersionVector both = new VersionVector(Map.of(1L, 5L, 2L, 7L, 3L, 1L));
    assertThat(one.with(other)).isEqualTo(both);
    assertThat(other.with(one)).isEqualTo(both);
  }

  @Test
  void itIsInTheOrderOfItsOriginsAndNeverChanges() {
    Map<Long, Long> upTo = new HashMap<>(Map.of(9L, 1L, -4L, 2L, 3L, 3L));
    VersionVector vector = new VersionVector(upTo);
    upTo.put(10L, 1L);
    assertThat(vector.upTo().keySet()).containsExactly(-4L, 3L, 9L);
  }
}
