package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntityTagsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        " * ",
        "\"abc\"",
        "W/\"abc\"",
        "\"x\", \"abc\"",
        "\"x\",W/\"y\" , \"abc\", \"z\"",
        "\"a,b\",\"abc\"",
        "\"\",\"abc\"",
        ",\t\"x\",\t\"abc\"",
      })
  void match(String header) {
    assertThat(EntityTags.hasMatch(header, "\"abc\"")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "abc",
        "\"abc",
        "abc\"",
        "\"abcd\"",
        "\"ab\"",
        "\"x\",*",
        "w/\"abc\"",
        "\"x\" abc",
        "\"ABC\"",
        ",",
        "W/",
        "W/*",
        "**"
      })
  void doNotMatch(String header) {
    assertThat(EntityTags.hasMatch(header, "\"abc\"")).isFalse();
  }
}
