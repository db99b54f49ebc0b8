package geecache.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlaceholderTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "select a from t where id = #",
        "select '?', '''?' from t where id = # and b = 'it''s ?'",
        "select \"?\" from t where id = # -- why?\n and c = '?'",
        "select /* ? ' */ `?` from t where id = #",
        "select $$ ? $$, $tag$ ? $ $tag$ from t where doc ?? 'x' and id = #",
        "select 1$x, '?' where a = #"
      })
  void aQuestionMarkInTextIsNotAPlaceholder(String sql) {
    assertThat(Placeholder.indexIn("query", sql.replace('#', '?'))).isEqualTo(sql.indexOf('#'));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "select 1", "'?'", "? and ?", "??", "-- ?", "/* ?", "'?", "$$?"})
  void noPlaceholderAndSeveralAreRefused(String sql) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Placeholder.indexIn("query", sql))
        .withMessageStartingWith("query must have exactly one ?");
  }

  @Test
  void onePlaceholderIsRepeated() {
    assertThat(Placeholder.repeated("where id in (?) and 1", 13, 3))
        .isEqualTo("where id in (?,?,?) and 1");
  }
}
