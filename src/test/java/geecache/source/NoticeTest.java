package geecache.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NoticeTest {
  @Test
  void aNoticeNamesKeysOrTheWholeGroup() {
    assertThat(Notice.parse("{\"group\":\"users\",\"keys\":[\"1\",\"\\u0027; --\"]}"))
        .hasValue(new Notice("users", Set.of("1", "'; --")));
    assertThat(Notice.parse("{\"more\":[{\"x\":1}],\"group\":\"users\"}"))
        .hasValue(new Notice("users", null));
    assertThat(Notice.parse("{\"group\":\"users\",\"keys\":[]}"))
        .hasValue(new Notice("users", Set.of()));
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
  void aPayloadOfAnotherFormIsNoNotice(String payload) {
    assertThat(Notice.parse(payload)).isEmpty();
  }
}
