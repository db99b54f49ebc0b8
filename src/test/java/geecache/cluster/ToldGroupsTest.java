package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ToldGroupsTest {
  private static final GroupVersion USERS = new GroupVersion("users", "");
  private static final GroupVersion USERS_2 = new GroupVersion("users", "2");
  private static final ToldGroups UNTOLD = ToldGroups.UNTOLD;

  @Test
  void aNodeThatHasSaidNothingIsTakenToHaveAll() {
    assertThat(UNTOLD.lacks(USERS_2)).isFalse();
    assertThat(UNTOLD.told(5, false, List.of()).lacks(USERS_2)).isFalse();
  }

  @Test
  void aNodeHasWhatItTold() {
    ToldGroups told = UNTOLD.told(5, false, List.of("users@2", "prices"));
    assertThat(told.lacks(USERS_2)).isFalse();
    assertThat(told.lacks(USERS)).isTrue();
    assertThat(told.lacks(new GroupVersion("prices", ""))).isFalse();
  }

  @Test
  void aLateListOfGroupsDoesNotReplaceALaterOne() {
    ToldGroups told =
        UNTOLD.told(5, false, List.of("prices", "users@2")).told(5, false, List.of("prices"));
    assertThat(told.lacks(USERS_2)).isFalse();
  }

  @Test
  void aGroupThatIsToldLaterIsThereFromThenOn() {
    ToldGroups told = UNTOLD.told(5, false, List.of("prices"));
    assertThat(told.lacks(USERS)).isTrue();
    assertThat(told.told(5, false, List.of("prices", "users")).lacks(USERS)).isFalse();
  }

  @Test
  void theNextNodeOfTheNameHasNothingOfTheOneBefore() {
    ToldGroups told = UNTOLD.told(5, false, List.of("users"));
    assertThat(told.told(6, false, List.of("users@2")).lacks(USERS)).isTrue();
    assertThat(told.told(6, false, List.of()).lacks(USERS_2)).isFalse();
    assertThat(told.refused(6, USERS_2, 0).lacks(USERS)).isFalse();
  }

  /** It has more than it tells by then. */
  @Test
  void aNodeThatTellsNoMoreIsTakenToHaveAll() {
    ToldGroups told = UNTOLD.told(5, false, List.of("users")).told(5, false, List.of());
    assertThat(told.lacks(USERS_2)).isFalse();
  }

  @Test
  void whatANodeRefusesItLacksForAWhile() {
    ToldGroups refused = UNTOLD.told(5, false, List.of()).refused(5, USERS_2, 100);
    assertThat(refused.lacks(USERS_2)).isTrue();
    assertThat(refused.lacks(USERS)).isFalse();
    assertThat(refused.withoutRefusals(159, 60).lacks(USERS_2)).isTrue();
    assertThat(refused.withoutRefusals(160, 60).lacks(USERS_2)).isFalse();
    assertThat(refused.told(5, false, List.of("users@2")).lacks(USERS_2)).isFalse();
  }

  /** It is being closed. */
  @Test
  void aNodeThatToldAGroupDoesNotLackItBecauseItRefuses() {
    ToldGroups told = UNTOLD.told(5, false, List.of("users"));
    assertThat(told.refused(5, USERS, 0).lacks(USERS)).isFalse();
  }

  @Test
  void aNodeOfWireVersion1LacksAllVersions() {
    ToldGroups old = UNTOLD.told(5, true, List.of());
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
