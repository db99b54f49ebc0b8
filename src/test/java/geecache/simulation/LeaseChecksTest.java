package geecache.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whose failure a get may be told. Times are in milliseconds. */
class LeaseChecksTest {
  private final History history = new History();
  private final Incarnation caller = history.start(0, 10);

  private static long nanos(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private static Load failed(@Nullable Incarnation by, long end) {
    Load load = new Load(nanos(1_000), nanos(1_000), 1, by);
    load.fail();
    load.end(nanos(end), false);
    return load;
  }

  @Test
  void aGetMayBeToldTheFailureOfALoadThatEndsAfterItBegan() {
    assertThat(LeaseChecks.mayTell(failed(null, 1_500), nanos(1_500))).isTrue();
    assertThat(LeaseChecks.mayTell(failed(caller, 1_500), nanos(1_200))).isTrue();
  }

  @Test
  void aGetMustNotBeToldTheFailureOfALoadThatEndedBeforeItBegan() {
    assertThat(LeaseChecks.mayTell(failed(null, 1_500), nanos(1_501))).isFalse();
    assertThat(LeaseChecks.mayTell(failed(caller, 1_500), nanos(1_521))).isFalse();
  }

  /** The load ended at the node of its caller, and its word is under way to the owner. */
  @Test
  void aGetMayBeToldAFailureThatTheOwnerHadNotHeardOfWhenItBegan() {
    assertThat(LeaseChecks.mayTell(failed(caller, 1_500), nanos(1_501))).isTrue();
    assertThat(LeaseChecks.mayTell(failed(caller, 1_500), nanos(1_520))).isTrue();
  }

  @Test
  void aLoadThatHasNotFailedTellsNoFailure() {
    Load loaded = new Load(0, 0, 1, caller);
    loaded.end(nanos(1_500), true);
    assertThat(LeaseChecks.mayTell(loaded, nanos(1_200))).isFalse();
  }
}
