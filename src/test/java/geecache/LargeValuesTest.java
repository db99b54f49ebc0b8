package geecache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Values that a group cannot keep. */
class LargeValuesTest {
  private final FakeTicker ticker = new FakeTicker();
  private final Geecache node = new Geecache(ticker, 0);

  @AfterEach
  void close() {
    node.close();
  }

  private static byte[] load(String key) {
    return "x".repeat(1000).getBytes(UTF_8);
  }

  @Test
  void aValueOverTheBudgetIsToldOnceAMinuteAndCounted() throws Exception {
    Group group = node.group("g").maxBytes(500).register(LargeValuesTest::load);
    try (LogCapture log = new LogCapture(LargeValues.class, Level.WARNING)) {
      for (int i = 0; i < 3; i++) {
        assertThat(group.get("a\nb").length()).isEqualTo(1000);
      }
      ticker.advance(Duration.ofMinutes(1));
      group.get("c");

      assertThat(log.messages()).hasSize(2);
      assertThat(log.messages().get(0))
          .matches(
              "WARNING group g: the value of key a\\\\nb takes 1\\d{3} bytes of heap, and maxBytes"
                  + " \\(max-bytes\\) has room for 500: it is served and not kept; each get loads it"
                  + " again");
      assertThat(log.messages().get(1))
          .contains(" key c ")
          .endsWith("; so did 2 other loads of large values");
    }
    assertThat(group.stats().tooLarge()).isEqualTo(4);
    assertThat(group.stats().loads()).isEqualTo(4);
  }

  @Test
  void aValueOverTheLimitIsToldToo() {
    Group group = node.group("g").maxValueBytes(999).register(LargeValuesTest::load);
    try (LogCapture log = new LogCapture(LargeValues.class, Level.WARNING)) {
      assertThatThrownBy(() -> group.get("a")).isInstanceOf(LoadException.class);
      assertThat(log.messages().get(0))
          .startsWith(
              "WARNING group g: the value of key a has 1000 bytes, and maxValueBytes"
                  + " (max-value-bytes) is 999: its load failed");
    }
    assertThat(group.stats().tooLarge()).isEqualTo(1);
  }

  @Test
  void aValueThatMayNotBeKeptIsNotTold() throws Exception {
    try (LogCapture log = new LogCapture(LargeValues.class, Level.WARNING)) {
      Group group = node.group("g").maxBytes(500).register(new Unkept());
      group.get("a");
      assertThat(group.stats().tooLarge()).isZero();
      assertThat(log.messages()).isEmpty();
    }
  }

  @Test
  void aLimitOverTheBudgetIsToldAtTheStart() {
    try (LogCapture log = new LogCapture(GroupBuilder.class, Level.WARNING)) {
      node.group("default").maxBytes(500).register(LargeValuesTest::load);
      node.group("unbounded").maxBytes(0).maxValueBytes(501).register(LargeValuesTest::load);
      assertThat(log.messages()).isEmpty();
      node.group("g").maxValueBytes(501).maxBytes(500).register(LargeValuesTest::load);
      assertThat(log.messages()).hasSize(1);
      assertThat(log.messages().get(0)).contains("501").contains("500");
    }
  }

  @Test
  void aValueThatIsSetMustFit() throws Exception {
    Group group = node.group("g").maxBytes(500).register(LargeValuesTest::load);
    ByteView large = ByteView.of(load(""));
    assertThatThrownBy(() -> group.set("a", large, null))
        .isInstanceOf(ValueTooLargeException.class)
        .hasMessageMatching(
            "value is too large: it takes 1\\d{3} bytes of heap, and the group has room for 500");
    group.set("a", large, Duration.ZERO); // Is not to be kept anyway.
    assertThat(group.stats().entries()).isZero();
  }

  /** Gives values that may not be kept. */
  private static final class Unkept implements Getter {
    @Override
    public byte[] get(String key) {
      return LargeValuesTest.load(key);
    }

    @Override
    public Value load(String key) {
      return new Value(ByteView.of(get(key)), Duration.ZERO);
    }
  }
}
