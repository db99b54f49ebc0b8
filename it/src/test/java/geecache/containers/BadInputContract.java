package geecache.containers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What breaks a rule is refused in few words, reaches no getter, and harms nobody after it. */
interface BadInputContract extends Deployed {

  /** Follows the group in the request line; each char is a byte. */
  static Stream<String> tails() {
    Stream<String> malformed =
        Stream.of(
            "%zz",
            "%",
            "%2",
            "a%",
            "%u0041",
            "%+1",
            "%FF",
            "a%FFb",
            "%C0%AF",
            "%C0%80",
            "%ED%A0%80",
            "%F4%90%80%80",
            "%E4%B8",
            "\u00e9",
            utf8("\u00e9"),
            utf8("\u4e2d"),
            "\1",
            "\177",
            "a\0b",
            "a".repeat(2049),
            "%E4%B8%AD".repeat(683),
            "%25".repeat(2049),
            "");
    Stream<String> others =
        Stream.of("", "?", "?key", "?other=a", "?key=a&key=b", "/a?key=a", "/?key=a", "//a");
    return Stream.concat(malformed.flatMap(bad -> Stream.of("/" + bad, "?key=" + bad)), others);
  }

  static Stream<Arguments> targets() {
    return Site.serving()
        .flatMap(site -> tails().map(tail -> site.node("/" + site.revealingGroup() + tail)))
        .map(target -> Arguments.of(AwkwardKeys.printable(target), target));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("geecache.containers.BadInputContract#targets")
  default void aBadTargetIsRefused(String name, String target) throws IOException {
    assertRefused(wire().head("GET", target) + "\r\n");
  }

  @ParameterizedTest
  @MethodSource("geecache.containers.Site#serving")
  default void aGetWithABodyIsRefused(Site site) throws IOException {
    String head = wire().head("GET", site.node("/" + site.revealingGroup() + "/body"));
    assertRefused(head + "Content-Length: 3\r\n\r\nabc");
    assertRefused(head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  }

  @ParameterizedTest
  @MethodSource("geecache.containers.Site#serving")
  default void aFloodIsRefused(Site site) throws IOException {
    String group = site.node("/" + site.revealingGroup());
    StringBuilder headers = new StringBuilder();
    for (int i = 0; i < 2000; i++) {
      headers.append("X-Flood-").append(i).append(": ").append("f".repeat(40)).append("\r\n");
    }
    assertRefusedOrClosed(wire().head("GET", group + "/flood") + headers + "\r\n");
    assertRefusedOrClosed(wire().head("GET", group + "?key=" + "f".repeat(100_000)) + "\r\n");
  }

  /** Most refuse it; WildFly takes a head of up to 1 MiB, and then it is a request like another. */
  @ParameterizedTest
  @MethodSource("geecache.containers.Site#serving")
  default void aHugeHeaderIsRefusedOrIgnored(Site site) throws IOException {
    String head = wire().head("GET", site.node("/scores/Tom"));
    Optional<Answer> answer =
        wire().exchange(head + "X-Flood: " + "f".repeat(100_000) + "\r\n\r\n");
    if (answer.isPresent() && answer.get().isOurs()) {
      assertThat(answer.get().text()).isEqualTo("630");
    } else {
      answer.ifPresent(Refusals::assertHarmless);
    }
    assertGood();
  }

  /** Liberty takes what follows the space for the version, and says 505 before any application. */
  @ParameterizedTest
  @MethodSource("geecache.containers.Site#serving")
  default void aTargetWithASpaceIsRefused(Site site) throws IOException {
    String target = site.node("/" + site.revealingGroup() + "/a b");
    Answer answer = wire().exchange(wire().head("GET", target) + "\r\n").orElseThrow();
    if (answer.code() != 505) {
      Refusals.assertHarmless(answer);
    }
    assertThat(answer.isOurs()).isFalse();
    assertGood();
  }

  private void assertRefused(String request) throws IOException {
    assertThat(assertRefusedOrClosed(request)).isPresent();
  }

  /**
   * A server that closes before it has read everything resets, and that may overtake its answer.
   */
  private Optional<Answer> assertRefusedOrClosed(String request) throws IOException {
    assertGood();
    String loads = loads();
    Optional<Answer> answer = wire().exchange(request);
    answer.ifPresent(Refusals::assertHarmless);
    assertGood();
    assertThat(loads()).as("loads after %s", answer).isEqualTo(loads);
    return answer;
  }

  private void assertGood() throws IOException {
    for (Site site : Site.serving().toList()) {
      Answer good = wire().get(site.node("/scores/Tom"));
      assertThat(good.code()).as("%s", good).isEqualTo(200);
      assertThat(good.text()).isEqualTo("630");
    }
  }

  private String loads() throws IOException {
    return wire().get(Site.LIBRARY.at("/loads")).text();
  }

  private static String utf8(String text) {
    return new String(text.getBytes(UTF_8), ISO_8859_1);
  }
}
