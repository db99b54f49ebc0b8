package geecache.containers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.internal.ControlCharacters;
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
      if (!answer.isOurs() || answer.code() >= 400 && answer.code() < 500) {
        Refusals.assertHarmless(answer);
      } else {
        assertOfKey(key, site, answer);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("geecache.containers.Site#serving")
  default void aPathCarriesPlainKeys(Site site) throws IOException {
    for (String key : List.of("Tim", "a b", "a-b_c.d~e", "a/b/c", "\u4e2d\u6587", "\ud83d\ude00")) {
      String raw = AwkwardKeys.encode(key).replace("%2F", "/");
      assertOfKey(key, site, client().get(site.node("/" + site.revealingGroup() + "/" + raw)));
    }
  }

  /** Other ways to write the path up to the group lead to the same key, or nowhere. */
  @ParameterizedTest
  @MethodSource("geecache.containers.Site#serving")
  default void anUnusualPathGivesTheSameKeyOrIsRefused(Site site) throws IOException {
    for (String way :
        List.of(
            "//_geecache/GROUP",
            "/./_geecache/GROUP",
            "/x/../_geecache/GROUP",
            "/_geecache/x/../GROUP",
            "/_geecache/../_geecache/GROUP",
            "/_geecache//GROUP",
            "/_geecache/./GROUP",
            "/_geecache;x=1/GROUP",
            "/_geecache;/x/../GROUP",
            "/_geecache/GROUP;x=1",
            "/%5Fgeecache/GROUP",
            "/_geecache%2FGROUP",
            "/_geecache%2F/GROUP",
            "/x%2F../_geecache/GROUP",
            "/%2E%2E/_geecache/GROUP",
            "/_geecache/x/%2E%2E/GROUP",
            "/_geecache\\GROUP",
            "/_geecache/nope/../GROUP/x/..",
            "/;/_geecache/GROUP",
            "/;x=/../_geecache/GROUP")) {
      String path = site.at(way).replace("GROUP", site.revealingGroup());
      for (String target : List.of(path + "/Tim", path + "?key=Tim", path + "/x/../Tim")) {
        Answer answer = wire().get(target);
        if (!answer.isOurs()) { // The container's own error, or another page of the application.
          assertThat(answer.code()).as("%s %s", target, answer).isLessThan(500);
          assertThat(answer.mediaType()).isNotEqualTo("application/octet-stream");
        } else if (answer.code() >= 400 && answer.code() < 500) {
          Refusals.assertHarmless(answer);
        } else {
          assertOfKey("Tim", site, answer);
        }
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
