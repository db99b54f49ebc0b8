package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LifeHeaderTest {

  @Test
  void theHeaderIsAContract() {
    assertThat(new PeerHeaders.Life(1500, -1)).hasToString("1500 -1");
    assertThat(PeerHeaders.LIFE).isEqualTo("Geecache-Life");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1500, -1", "9223372036854775807, -9223372036854775808"})
  void isReadAsItWasWritten(long age, long left) {
    PeerHeaders.Life life = new PeerHeaders.Life(age, left);
    assertThat(PeerHeaders.Life.parse(life.toString())).isEqualTo(life);
  }

  /** A value is never taken for one whose load is yet to begin. */
  @ParameterizedTest
  @ValueSource(strings = {"-1 1000", "-9223372036854775808 1000"})
  void aNegativeAgeIsMalformed(String header) {
    assertThat(PeerHeaders.Life.parse(header)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "1", "1 ", " 1", "1  1", "1 1 1", "1,1", "1 9223372036854775808"})
  void anythingElseIsMalformed(String header) {
    assertThat(PeerHeaders.Life.parse(header)).isNull();
  }
}
