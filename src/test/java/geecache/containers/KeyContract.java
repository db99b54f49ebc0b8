package geecache.containers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.ControlCharacters;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A key is the one that was sent, or it is refused. */
interface KeyContract extends Deployed {

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("geecache.containers.AwkwardKeys#everywhere")
  default void aQueryCarriesAnyKey(Site site, String name, String key) throws IOException {
    String group = site.node("/" + site.revealingGroup());
    assertOfKey(key, site, client().get(group + "?key=" + AwkwardKeys.encode(key)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("geecache.containers.AwkwardKeys#everywhere")
  default void aPathCarriesTheKeyOrIsRefused(Site site, String name, String key)
      throws IOException {
    String encoded = AwkwardKeys.encode(key);
    for (String inPath : List.of(encoded, encoded.replace("%2F", "/"))) {
      Answer answer = wire().get(site.node("/" + site.revealingGroup() + "/" + inPath));
      if (answer.code() >= 400 && answer.code() < 500) {
        Refusals.assertHarmless(answer);
      } else {
        assertOfKey(key, site, answer);
      }
    }
  }

  private static void assertOfKey(String key, Site site, Answer answer) {
    String context = site + " " + ControlCharacters.escape(key) + ": " + answer;
    if (site == Site.LIBRARY) {
      assertThat(answer.code()).as("%s", context).isEqualTo(200);
      assertThat(answer.body()).as("%s", context).isEqualTo(key.getBytes(UTF_8));
      assertThat(answer.header("Geecache-Status")).as("%s", context).isEqualTo("ok");
    } else {
      assertThat(answer.code()).as("%s", context).isEqualTo(500);
      assertThat(answer.text()).isEqualTo(ControlCharacters.escape(key) + " not exist\n");
      assertThat(answer.header("Geecache-Status")).as("%s", context).isEqualTo("load-failed");
    }
  }
}
