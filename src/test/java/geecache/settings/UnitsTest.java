package geecache.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {

  @ParameterizedTest
  @CsvSource({
    "0, PT0S",
    "500ms, PT0.5S",
    "30s, PT30S",
    "10m, PT10M",
    "2h, PT2H",
    "1d, PT24H",
    "0s, PT0S"
  })
  void timesHaveUnits(String text, Duration time) {
    assertThat(Units.duration(text)).isEqualTo(time);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1.5s",
        "-1s",
        "1 s",
        "1S",
        "1M",
        "s",
        "1w",
        "36501d",
        "999999999999999999d"
      })
  void timesWithoutAUnitAndBeyondACenturyAreRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Units.duration(text));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "2048, 2048",
    "1B, 1",
    "2kB, 2000",
    "2KB, 2000",
    "64MB, 64000000",
    "1GB, 1000000000",
    "2KiB, 2048",
    "64MiB, 67108864",
    "1GiB, 1073741824"
  })
  void sizesAreDecimalOrBinary(String text, long bytes) {
    assertThat(Units.bytes(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-1",
        "1.5MB",
        "1 MB",
        "1mb",
        "1M",
        "1Mb",
        "MB",
        "1TB",
        "9999999999999999999",
        "999999999999999999GB"
      })
  void sizesOfOtherUnitsAndBeyondALongAreRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Units.bytes(text));
  }
}
