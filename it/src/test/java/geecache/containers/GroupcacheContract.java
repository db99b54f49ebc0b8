package geecache.containers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What Go nodes ask: the key is the one that was sent, or it is refused. */
interface GroupcacheContract extends Deployed {

  /** Paths that end with a dot segment are Payara's own, which answers them with nothing. */
  @Test
  default void aGoNodeGetsTheValueOfItsKeyOrNone() throws IOException {
    for (String key : AwkwardKeys.all()) {
      Answer answer = wire().get(Site.LIBRARY.at("/_groupcache/echo/" + escaped(key)));
      boolean dots = key.equals(".") || key.equals("..");
      if (dots) {
        assertThat(answer.code() >= 400 || !answer.isOurs()).as("%s: %s", key, answer).isTrue();
      } else if (answer.code() == 200) {
        assertValue(key, answer);
      } else {
        assertThat(answer.code()).as("%s: %s", escaped(key), answer).isBetween(400, 499);
      }
    }
  }

  @Test
  default void aGoNodeGetsWhatAPathCarries() throws IOException {
    for (String key : List.of("Tim", "a b", "a+b", "a-b_c.d~e", "a:b,c=d@e&f", "\u4e2d\u6587")) {
      Answer answer = client().get(Site.LIBRARY.at("/_groupcache/echo/" + escaped(key)));
      assertThat(answer.code()).as("%s: %s", key, answer).isEqualTo(200);
      assertValue(key, answer);
    }
  }

  @Test
  default void aProbeIsAnsweredAsGoDoes() throws IOException {
    Answer answer = client().get(Site.LIBRARY.at("/_groupcache/"));
    assertThat(answer.code()).isEqualTo(400);
    assertThat(answer.text()).isEqualTo("bad request\n");
  }

  @Test
  default void anUnusualPathGivesAGoNodeTheSameKeyOrNone() throws IOException {
    for (String way :
        List.of(
            "//_groupcache/echo/Tim",
            "/x/../_groupcache/echo/Tim",
            "/_groupcache/../_groupcache/echo/Tim",
            "/_groupcache//echo/Tim",
            "/_groupcache/echo//Tim",
            "/_groupcache/echo/x/../Tim",
            "/_groupcache/./echo/Tim",
            "/_groupcache/echo/./Tim",
            "/_groupcache;x=1/echo/Tim",
            "/_groupcache/echo;x=1/Tim",
            "/_groupcache/echo/Tim;x=1",
            "/%5Fgroupcache/echo/Tim",
            "/_groupcache%2Fecho/Tim",
            "/_groupcache/echo%2FTim",
            "/_groupcache/x/%2E%2E/echo/Tim",
            "/_groupcache/echo/Tim?key=Tom")) {
      Answer answer = wire().get(Site.LIBRARY.at(way));
      if (answer.code() == 200) {
        assertValue("Tim", answer);
      } else {
        assertThat(answer.code()).as("%s: %s", way, answer).isBetween(400, 499);
      }
    }
  }

  @Test
  default void aNodeThatIsNotToldOfGoAnswersNone() throws IOException {
    Answer answer = client().get("/_groupcache/scores/Tom");
    assertThat(answer.code()).isEqualTo(404);
    assertThat(answer.text()).isEqualTo("geecache.groupcache is not true on this node\n");
  }

  /** As {@code url.QueryEscape} of Go writes it. */
  private static String escaped(String key) {
    return AwkwardKeys.encode(key).replace("%20", "+");
  }

  private static void assertValue(String key, Answer answer) throws IOException {
    CodedInputStream message = CodedInputStream.newInstance(answer.body());
    assertThat(message.readTag())
        .as("%s: %s", AwkwardKeys.printable(key), answer)
        .isEqualTo(1 << 3 | 2);
    assertThat(message.readByteArray())
        .as("%s", AwkwardKeys.printable(key))
        .isEqualTo(key.getBytes(UTF_8));
    assertThat(message.isAtEnd()).isTrue();
    assertThat(answer.header("Content-Type")).isEqualTo("application/x-protobuf");
  }
}
