package geecache.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ListsTest {
  private static final int ALL = Nodes.first(3);
  private static final int WITHOUT_1 = ALL & ~Nodes.of(1);

  private final Lists lists = new Lists(3, ALL);

  private static long seconds(int count) {
    return Duration.ofSeconds(count).toNanos();
  }

  @Test
  void aNodeThatLeftAListIsKnownForAMinute() {
    assertThat(lists.show(0, 0)).isEqualTo(ALL);
    lists.hide(0, 1, 1);
    assertThat(lists.show(0, seconds(10))).isEqualTo(WITHOUT_1);
    assertThat(lists.left(0, seconds(60))).isEqualTo(Nodes.of(1));
    assertThat(lists.left(0, seconds(70))).isZero();
    assertThat(lists.left(2, seconds(60))).isZero();
  }

  @Test
  void aNodeThatSaidGoodbyeIsNotKnownAnyMore() {
    lists.show(0, 0);
    lists.leave(1, true);
    lists.hide(0, 1, 1);
    lists.show(0, seconds(10));
    assertThat(lists.left(0, seconds(11))).isZero();
  }

  @Test
  void anotherNodeOfItsNameIsNotKnown() {
    lists.show(0, 0);
    lists.hide(0, 1, 1);
    lists.show(0, seconds(10));
    lists.forget(1, ALL);
    assertThat(lists.left(0, seconds(11))).isZero();
    lists.hide(0, 1, -1);
    assertThat(lists.show(0, seconds(12))).isEqualTo(ALL);
  }

  @Test
  void whatTwoFaultsHideIsSeenWhenBothAreOver() {
    lists.hide(0, 1, 1);
    lists.hide(0, 1, 1);
    lists.hide(0, 1, -1);
    assertThat(lists.show(0, 0)).isEqualTo(WITHOUT_1);
    lists.hide(0, 1, -1);
    assertThat(lists.show(0, 0)).isEqualTo(ALL);
  }
}
