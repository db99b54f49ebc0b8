package geecache.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GroupNamesTest {

  @ParameterizedTest
  @CsvSource({
    "geecache.groups.users.source, users",
    "geecache.groups.users.hot-ttl, users",
    "geecache.shop.groups.users.ttl, users",
    "geecache.groups.a.b.ttl, a.b",
    "geecache.groups.ttl.ttl, ttl",
  })
  void areWhatStandsBeforeASetting(String name, String group) {
    assertThat(GroupNames.in(Sources.of("/shop").system(Map.of(name, "x")).read()))
        .containsExactly(group);
  }

  @ParameterizedTest
  @CsvSource({"geecache.groups.users", "geecache.groups.users.no", "geecache.other.groups.a.ttl"})
  void areNotInOtherNames(String name) {
    assertThat(GroupNames.in(Sources.of("/shop").system(Map.of(name, "x")).read())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"GEECACHE_GROUPS_MY_USERS_SOURCE", "GEECACHE_SHOP_GROUPS_MY_USERS_SOURCE"})
  void inTheEnvironmentAreInLowerCase(String variable) {
    assertThat(GroupNames.in(Sources.of("/shop").environment(Map.of(variable, "x")).read()))
        .containsExactly("my_users");
  }

  @Test
  void inTheEnvironmentAreThoseThatAnotherPlaceNames() {
    Sources sources =
        Sources.ofParameters(Map.of("geecache.groups.my-Users.source", "jdbc"))
            .environment(
                Map.of(
                    "GEECACHE_GROUPS_MY_USERS_SOURCE", "scores",
                    "GEECACHE_GROUPS_MY_USERS_TTL", "5m"));

    assertThat(GroupNames.in(sources.read())).containsExactly("my-Users");
    Settings settings = sources.settings();
    assertThat(settings.get(GroupSettingTable.SOURCE.of("my-Users")))
        .isEqualTo(GroupSettingTable.Source.SCORES);
    assertThat(settings.get(GroupSettingTable.TTL.of("my-Users"))).hasMinutes(5);
  }
}
