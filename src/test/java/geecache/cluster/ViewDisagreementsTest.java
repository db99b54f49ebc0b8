package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ViewDisagreementsTest {
  private static final long LASTING = ViewDisagreements.TRANSITION.toNanos();

  private final ViewDisagreements views = new ViewDisagreements();

  @Test
  void aDifferenceThatLastsIsToldOnce() {
    assertThat(views.note(1, 5)).isFalse();
    assertThat(views.note(1, 5 + LASTING - 1)).isFalse();
    assertThat(views.note(1, 5 + LASTING)).isTrue();
    assertThat(views.note(1, 5 + 2 * LASTING)).isFalse();
  }

  @Test
  void eachViewHasATimeOfItsOwn() {
    views.note(1, 0);
    assertThat(views.note(2, LASTING)).isFalse();
    assertThat(views.note(1, LASTING)).isTrue();
  }

  @Test
  void aNewViewOfThisNodeBeginsAnew() {
    views.note(1, 0);
    views.clear();
    assertThat(views.note(1, LASTING)).isFalse();
  }

  @Test
  void howManyAreRememberedIsBounded() {
    for (int view = 0; view < 10_000; view++) {
      views.note(view, 0);
    }
    assertThat(views.note(99, LASTING)).isTrue();
    assertThat(views.note(9_999, LASTING)).isFalse();
    assertThat(views.note(9_999, 3 * LASTING)).isFalse();
  }
}
