package geecache.cluster;

import static geecache.cluster.Troubles.Kind.NO_CONTACT;
import static geecache.cluster.Troubles.Kind.OTHER_LIST;
import static geecache.cluster.Troubles.Kind.OTHER_RING;
import static geecache.cluster.Troubles.Kind.STRANGER;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TroublesTest {
  private static final String URL = "http://a:1";

  private final Troubles troubles = new Troubles();

  private boolean isTold(Troubles.Kind kind, String url, long seconds) {
    return troubles
        .note(kind, url, Troubles.TRANSITION, Duration.ofSeconds(seconds).toNanos())
        .isPresent();
  }

  @Test
  void aTroubleIsToldOnceItHasLastedAndThenEachMinute() {
    List<Long> told = new ArrayList<>();
    for (long second = 5; second < 200; second++) {
      if (isTold(NO_CONTACT, URL, second)) {
        told.add(second);
      }
    }
    assertThat(told).containsExactly(15L, 75L, 135L, 195L);
  }

  @Test
  void itsTimeIsToldToo() {
    troubles.note(NO_CONTACT, URL, Troubles.TRANSITION, -5);
    assertThat(
            troubles.note(NO_CONTACT, URL, Troubles.TRANSITION, Duration.ofSeconds(11).toNanos()))
        .contains(Duration.ofSeconds(11).plusNanos(5));
  }

  @Test
  void aTroubleThatEndsBeginsAnew() {
    isTold(NO_CONTACT, URL, 0);
    troubles.end(NO_CONTACT, URL);
    assertThat(isTold(NO_CONTACT, URL, 12)).isFalse();
    assertThat(isTold(NO_CONTACT, URL, 22)).isTrue();
  }

  @Test
  void eachNodeAndEachKindHasATimeOfItsOwn() {
    isTold(NO_CONTACT, URL, 0);
    assertThat(isTold(NO_CONTACT, "http://b:2", 10)).isFalse();
    assertThat(isTold(OTHER_LIST, URL, 10)).isFalse();
    assertThat(isTold(NO_CONTACT, URL, 10)).isTrue();
  }

  @Test
  void aNewListOfThisNodeBeginsAnew() {
    isTold(OTHER_LIST, URL, 0);
    isTold(NO_CONTACT, URL, 0);
    troubles.forgetDifferences();
    assertThat(isTold(OTHER_LIST, URL, 10)).isFalse();
    assertThat(isTold(NO_CONTACT, URL, 10)).isTrue();
  }

  /** No word tells that it is over: two differences a day apart are not one that lasts a day. */
  @Test
  void aDifferenceThatIsNotSeenAgainPasses() {
    isTold(OTHER_RING, URL, 0);
    assertThat(isTold(OTHER_RING, URL, 86_400)).isFalse();
    assertThat(isTold(OTHER_RING, URL, 86_411)).isTrue();
  }

  @Test
  void howManyStrangersAreRememberedIsBounded() {
    int told = 0;
    for (int second = 0; second < 20; second++) {
      for (int node = 0; node < 1_000; node++) {
        told += isTold(STRANGER, "http://evil:" + node, second) ? 1 : 0;
      }
    }
    assertThat(told).isEqualTo(10);
    assertThat(isTold(STRANGER, URL, 100)).isFalse();
    assertThat(isTold(STRANGER, URL, 110)).isTrue();
  }
}
