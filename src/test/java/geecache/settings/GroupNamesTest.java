package geecache.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
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
    assertThat(groups(Sample.of("shop").first(Map.of(name, "x")))).containsExactly(group);
  }

  @ParameterizedTest
  @CsvSource({"geecache.groups.users", "geecache.groups.users.no", "geecache.other.groups.a.ttl"})
  void areNotInOtherNames(String name) {
    assertThat(groups(Sample.of("shop").first(Map.of(name, "x")))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"GEECACHE_GROUPS_MY_USERS_SOURCE", "GEECACHE_SHOP_GROUPS_MY_USERS_SOURCE"})
  void inTheEnvironmentAreInLowerCase(String variable) {
    assertThat(groups(Sample.of("shop").environment(Map.of(variable, "x"))))
        .containsExactly("my_users");
  }

  @Test
  void inTheEnvironmentAreThoseThatAnotherPlaceNames() {
    Sample sample =
        Sample.of("shop")
            .last(Map.of("geecache.groups.my-Users.source", "jdbc"))
            .environment(
                Map.of(
                    "GEECACHE_GROUPS_MY_USERS_SOURCE", "scores",
                    "GEECACHE_GROUPS_MY_USERS_TTL", "5m"));

    assertThat(groups(sample)).containsExactly("my-Users");
    Settings settings = sample.read();
    assertThat(settings.get(Sample.SOURCE.of("my-Users"))).isEqualTo("scores");
    assertThat(settings.get(Sample.TTL.of("my-Users"))).hasMinutes(5);
  }

  private static Collection<String> groups(Sample sample) {
    return GroupNames.in(sample.lookup(), Sample.TABLE);
  }
}
