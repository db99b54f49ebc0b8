package geecache.cluster;

import static geecache.cluster.GroupVersion.MOST_TOLD;
import static geecache.cluster.GroupVersion.NOT_COUNTED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ToldGroupsTest {
  private static final GroupVersion USERS = new GroupVersion("users", "");
  private static final GroupVersion USERS_2 = new GroupVersion("users", "2");
  private static final ToldGroups UNTOLD = ToldGroups.UNTOLD;

  @Test
  void aNodeThatHasSaidNothingIsTakenToHaveAll() {
    assertThat(UNTOLD.lacks(USERS_2)).isFalse();
    assertThat(UNTOLD.told(5, false, NOT_COUNTED, List.of()).lacks(USERS_2)).isFalse();
  }

  @Test
  void aNodeHasWhatItTold() {
    ToldGroups told = UNTOLD.told(5, false, NOT_COUNTED, List.of("users@2", "prices"));
    assertThat(told.lacks(USERS_2)).isFalse();
    assertThat(told.lacks(USERS)).isTrue();
    assertThat(told.lacks(new GroupVersion("prices", ""))).isFalse();
  }

  @Test
  void aLateListOfGroupsDoesNotReplaceALaterOne() {
    ToldGroups told =
        UNTOLD
            .told(5, false, NOT_COUNTED, List.of("prices", "users@2"))
            .told(5, false, NOT_COUNTED, List.of("prices"));
    assertThat(told.lacks(USERS_2)).isFalse();
  }

  @Test
  void ofTwoCountedListsTheShorterOneIsLate() {
    ToldGroups told = UNTOLD.told(5, false, 2, List.of("prices", "users@2"));
    assertThat(told.told(5, false, 1, List.of("prices"))).isSameAs(told);
    assertThat(told.told(5, false, 0, List.of())).isSameAs(told);
    assertThat(told.told(5, false, 2, List.of("prices", "users@2"))).isSameAs(told);
    assertThat(told.told(5, false, 3, List.of("a", "prices", "users@2")).lacks(USERS)).isTrue();
    assertThat(told.told(6, false, 1, List.of("prices")).lacks(USERS_2)).isTrue();
  }

  @Test
  void aNodeThatHasNoGroupsYetLacksWhatItRefuses() {
    ToldGroups none = UNTOLD.told(5, false, 0, List.of());
    assertThat(none.lacks(USERS_2)).isFalse();
    assertThat(none.refused(5, USERS_2, 0).lacks(USERS_2)).isTrue();
  }

  @Test
  void aNodeThatHasMoreGroupsThanItTellsIsTakenToHaveAll() {
    ToldGroups many = UNTOLD.told(5, false, 1, List.of("a")).told(5, false, 1_001, List.of());
    assertThat(many.lacks(USERS_2)).isFalse();
    assertThat(many.refused(5, USERS_2, 0).lacks(USERS_2)).isTrue();
    assertThat(many.told(5, false, 1, List.of("a")).lacks(USERS_2)).as("late").isFalse();
  }

  @Test
  void aNodeThatTellsEverMoreGroupsIsTakenToHaveAll() {
    ToldGroups told =
        UNTOLD.told(
            5, false, NOT_COUNTED, IntStream.range(0, MOST_TOLD).mapToObj(i -> "g" + i).toList());
    assertThat(told.lacks(USERS)).isTrue();
    ToldGroups more = told.told(5, false, NOT_COUNTED, List.of("one more"));
    assertThat(more.told()).isEmpty();
    assertThat(more.lacks(USERS)).isFalse();
  }

  @Test
  void aGroupThatIsToldLaterIsThereFromThenOn() {
    ToldGroups told = UNTOLD.told(5, false, NOT_COUNTED, List.of("prices"));
    assertThat(told.lacks(USERS)).isTrue();
    assertThat(told.told(5, false, NOT_COUNTED, List.of("prices", "users")).lacks(USERS)).isFalse();
  }

  @Test
  void theNextNodeOfTheNameHasNothingOfTheOneBefore() {
    ToldGroups told = UNTOLD.told(5, false, NOT_COUNTED, List.of("users"));
    assertThat(told.told(6, false, NOT_COUNTED, List.of("users@2")).lacks(USERS)).isTrue();
    assertThat(told.told(6, false, NOT_COUNTED, List.of()).lacks(USERS_2)).isFalse();
    assertThat(told.refused(6, USERS_2, 0).lacks(USERS)).isFalse();
  }

  /** It has more than it tells by then. */
  @Test
  void aNodeThatTellsNoMoreIsTakenToHaveAll() {
    ToldGroups told =
        UNTOLD.told(5, false, NOT_COUNTED, List.of("users")).told(5, false, NOT_COUNTED, List.of());
    assertThat(told.lacks(USERS_2)).isFalse();
  }

  @Test
  void whatANodeRefusesItLacksForAWhile() {
    ToldGroups refused = UNTOLD.told(5, false, NOT_COUNTED, List.of()).refused(5, USERS_2, 100);
    assertThat(refused.lacks(USERS_2)).isTrue();
    assertThat(refused.lacks(USERS)).isFalse();
    assertThat(refused.withoutRefusals(159, 60).lacks(USERS_2)).isTrue();
    assertThat(refused.withoutRefusals(160, 60).lacks(USERS_2)).isFalse();
    assertThat(refused.told(5, false, NOT_COUNTED, List.of("users@2")).lacks(USERS_2)).isFalse();
  }

  /** It is being closed. */
  @Test
  void aNodeThatToldAGroupDoesNotLackItBecauseItRefuses() {
    ToldGroups told = UNTOLD.told(5, false, NOT_COUNTED, List.of("users"));
    assertThat(told.refused(5, USERS, 0).lacks(USERS)).isFalse();
  }

  @Test
  void aNodeOfWireVersion1LacksAllVersions() {
    ToldGroups old = UNTOLD.told(5, true, NOT_COUNTED, List.of());
    assertThat(old.lacks(USERS_2)).isTrue();
    assertThat(old.lacks(USERS)).isFalse();
  }

  @Test
  void aGroupIsWrittenWithItsVersion() {
    assertThat(USERS).hasToString("users");
    assertThat(USERS_2).hasToString("users@2");
    assertThat(GroupVersion.parse("users@2")).isEqualTo(USERS_2);
    assertThat(GroupVersion.parse("users")).isEqualTo(USERS);
    assertThat(GroupVersion.parse("users@")).isEqualTo(USERS);
    assertThat(GroupVersion.parse("users@2@3")).isEqualTo(new GroupVersion("users", "2@3"));
  }
}
