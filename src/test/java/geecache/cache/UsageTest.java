package geecache.cache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UsageTest {
  private static final int LAST_TICK = (1 << 20) - 1;

  @Test
  void eachPartIsKeptApart() {
    int usage = Usage.of(15, 255, LAST_TICK);
    assertThat(Usage.frequency(usage)).isEqualTo(15);
    assertThat(Usage.cost(usage)).isEqualTo(255);
    assertThat(Usage.idle(usage, LAST_TICK)).isZero();
  }

  @Test
  void aHitCountsAndNotesTheTick() {
    int usage = Usage.hit(Usage.of(1, 7, 10), 12);
    assertThat(usage).isEqualTo(Usage.of(2, 7, 12));
    assertThat(Usage.idle(usage, 15)).isEqualTo(3);
  }

  /** So that hits on what is in use write nothing. */
  @Test
  void aHitThatTellsNothingNewLeavesTheWord() {
    int usage = Usage.of(15, 7, 12);
    assertThat(Usage.hit(usage, 12)).isEqualTo(usage);
  }

  @Test
  void ticksBeginAnew() {
    int usage = Usage.hit(Usage.of(1, 7, 10), LAST_TICK);
    assertThat(Usage.idle(usage, LAST_TICK + 4)).isEqualTo(4);
  }

  /** A thread that compares entries has read the time before it. */
  @Test
  void anEntryThatWasUsedMeanwhileIsNotIdle() {
    assertThat(Usage.idle(Usage.of(1, 7, 12), 11)).isZero();
    assertThat(Usage.idle(Usage.of(1, 7, 3), LAST_TICK)).isZero();
  }

  @Test
  void halvingLeavesOneAtLeastAndAllElse() {
    assertThat(Usage.halved(Usage.of(15, 7, 12))).isEqualTo(Usage.of(7, 7, 12));
    assertThat(Usage.halved(Usage.of(1, 7, 12))).isEqualTo(Usage.of(1, 7, 12));
  }

  @Test
  void aReloadTakesTheMeanOfKnownCosts() {
    assertThat(Usage.reloaded(Usage.of(3, 20, 5), 30)).isEqualTo(Usage.of(3, 25, 5));
    assertThat(Usage.reloaded(Usage.of(3, 20, 5), 0)).isEqualTo(Usage.of(3, 20, 5));
    assertThat(Usage.reloaded(Usage.of(3, 0, 5), 30)).isEqualTo(Usage.of(3, 30, 5));
  }
}
