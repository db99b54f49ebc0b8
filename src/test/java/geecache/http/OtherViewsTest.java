package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OtherViewsTest {
  private static final long LASTING = OtherViews.TRANSITION.toNanos();

  private final OtherViews views = new OtherViews();

  @Test
  void aDifferenceThatLastsIsToldOnce() {
    assertThat(views.hasLasted(1, 5)).isFalse();
    assertThat(views.hasLasted(1, 5 + LASTING - 1)).isFalse();
    assertThat(views.hasLasted(1, 5 + LASTING)).isTrue();
    assertThat(views.hasLasted(1, 5 + 2 * LASTING)).isFalse();
  }

  @Test
  void eachViewHasATimeOfItsOwn() {
    views.hasLasted(1, 0);
    assertThat(views.hasLasted(2, LASTING)).isFalse();
    assertThat(views.hasLasted(1, LASTING)).isTrue();
  }

  @Test
  void aNewViewOfThisNodeBeginsAnew() {
    views.hasLasted(1, 0);
    views.clear();
    assertThat(views.hasLasted(1, LASTING)).isFalse();
  }

  @Test
  void howManyAreRememberedIsBounded() {
    for (int view = 0; view < 10_000; view++) {
      views.hasLasted(view, 0);
    }
    assertThat(views.hasLasted(99, LASTING)).isTrue();
    assertThat(views.hasLasted(9_999, LASTING)).isFalse();
    assertThat(views.hasLasted(9_999, 3 * LASTING)).isFalse();
  }
}
