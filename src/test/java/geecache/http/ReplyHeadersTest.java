package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReplyHeadersTest {
  @Test
  void keepTheirOrder() {
    assertThat(ReplyHeaders.of("B", "1", "A", "2").with("C", "3"))
        .containsExactly(entry("B", "1"), entry("A", "2"), entry("C", "3"));
  }

  @Test
  void nullStandsForNoHeader() {
    ReplyHeaders headers = ReplyHeaders.of("A", null, "B", "1", "C", null);
    assertThat(headers).hasSize(1).containsExactly(entry("B", "1"));
    assertThat(headers.get("A")).isNull();
    headers.forEach((name, value) -> assertThat(name + value).isEqualTo("B1"));
  }

  @Test
  void noneIsAddedToTheOnesBefore() {
    ReplyHeaders before = ReplyHeaders.of("A", "1");
    before.with("B", "2");
    assertThat(before).containsExactly(entry("A", "1"));
  }

  @Test
  void aCopyOfAMapDoesNotFollowIt() {
    Map<String, String> map = new LinkedHashMap<>(Map.of("A", "1"));
    ReplyHeaders copy = ReplyHeaders.copyOf(map);
    map.put("A", "2");
    assertThat(copy).containsExactly(entry("A", "1"));
    assertThat(ReplyHeaders.copyOf(copy)).isSameAs(copy);
  }

  @Test
  void cannotBeChanged() {
    ReplyHeaders headers = ReplyHeaders.of("A", "1");
    assertThatThrownBy(() -> headers.put("A", "2"))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> headers.remove("A")).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(headers::clear).isInstanceOf(UnsupportedOperationException.class);
  }
}
