package geecache.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NoticeTest {
  private static final long MINUTE = Heard.KEPT.toNanos();

  @Test
  void namesAGroupAndKeysOrAllOfThem() {
    assertThat(Notice.read("{\"group\":\"users\",\"keys\":[\"1\",\"\\u0027; --\"]}"))
        .isEqualTo(new Notice("users", Set.of("1", "'; --")));
    assertThat(Notice.read("{\"more\":[{\"x\":1}],\"group\":\"users\"}"))
        .isEqualTo(new Notice("users", null));
    assertThat(Notice.read("{\"group\":\"users\",\"keys\":[]}"))
        .isEqualTo(new Notice("users", Set.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "users",
        "[]",
        "{}",
        "{\"keys\":[\"1\"]}",
        "{\"group\":1}",
        "{\"group\":\"users\",\"keys\":\"1\"}",
        "{\"group\":\"users\",\"keys\":[1]}",
        "{\"group\":\"users\",\"keys\":null}",
        "{\"group\":\"users\",\"keys\":[\"1\"",
        "{\"group\":\"users\"} x"
      })
  void allElseIsNone(String payload) {
    assertThat(Notice.read(payload)).isNull();
  }

  @Test
  void whatWasHeardIsKnownForAMinute() {
    Heard heard = new Heard();
    Notice early = new Notice("users", Set.of("1"));
    Notice late = new Notice("users", null);
    heard.add(early, 0);
    heard.add(late, MINUTE);

    assertThat(heard.recent(MINUTE)).containsExactly(early, late);
    assertThat(heard.recent(MINUTE + 1)).containsExactly(late);
    assertThat(heard.recent(2 * MINUTE + 1)).isEmpty();
  }

  @Test
  void moreThanCanBeRememberedIsNotKnownForAMinute() {
    Heard heard = new Heard();
    Set<String> many =
        IntStream.range(0, Heard.MOST_KEYS).mapToObj(String::valueOf).collect(Collectors.toSet());
    heard.add(new Notice("users", Set.of("1")), 0);
    heard.add(new Notice("users", many), Duration.ofSeconds(1).toNanos());

    assertThat(heard.recent(MINUTE)).isNull();
    assertThat(heard.recent(MINUTE + 1)).hasSize(1);
  }
}
