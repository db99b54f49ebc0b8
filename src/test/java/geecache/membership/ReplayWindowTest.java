package geecache.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ReplayWindowTest {
  @Test
  void eachNumberIsAdmittedOnce() {
    ReplayWindow window = new ReplayWindow(0);
    for (long number : new long[] {0, 1, 5, 3, 2, 4}) {
      assertThat(window.admit(number)).as("%s", number).isTrue();
      assertThat(window.admit(number)).as("%s again", number).isFalse();
    }
    assertThat(window.admit(3)).isFalse();
  }

  @Test
  void nothingBelowTheFloorIsAdmitted() {
    ReplayWindow window = new ReplayWindow(10);
    assertThat(window.admit(9)).isFalse();
    assertThat(window.admit(12)).isTrue();
    assertThat(window.admit(9)).isFalse();
    assertThat(window.admit(10)).isTrue();
  }

  @Test
  void anythingTooFarBehindIsNotAdmitted() {
    ReplayWindow window = new ReplayWindow(0);
    assertThat(window.admit(ReplayWindow.SIZE)).isTrue();
    assertThat(window.admit(0)).isFalse();
    assertThat(window.admit(1)).isTrue();
  }

  /** The distance to it is more than a long has. */
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void theHighestNumberOfAllIsAJump() {
    ReplayWindow window = new ReplayWindow(0);
    assertThat(window.admit(Long.MAX_VALUE)).isTrue();
    assertThat(window.admit(Long.MAX_VALUE)).isFalse();
    assertThat(window.admit(Long.MAX_VALUE - ReplayWindow.SIZE)).isFalse();
    assertThat(window.admit(Long.MAX_VALUE - ReplayWindow.SIZE + 1)).isTrue();
  }

  /** Beside a set that forgets nothing. */
  @Test
  void itDecidesAsASetOfAllDoes() {
    Random random = new Random(7);
    for (int round = 0; round < 20; round++) {
      ReplayWindow window = new ReplayWindow(100);
      Set<Long> heard = new HashSet<>();
      long highest = 99;
      long next = 100;
      for (int i = 0; i < 5_000; i++) {
        next += random.nextInt(100) == 0 ? random.nextInt(3 * ReplayWindow.SIZE) : 1;
        long number = Math.max(0, next - random.nextInt(round % 2 == 0 ? 4 : 2_000));
        boolean expected =
            number >= 100 && number > highest - ReplayWindow.SIZE && !heard.contains(number);
        assertThat(window.admit(number)).as("%s after %s", number, highest).isEqualTo(expected);
        heard.add(number);
        highest = Math.max(highest, number);
      }
    }
  }
}
