package geecache;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the log says of a source that fails. */
class FailedLoadsTest {
  private final FakeTicker ticker = new FakeTicker();
  private final LogCapture log = new LogCapture(FailedLoads.class, Level.ALL);
  private final Geecache node = new Geecache(ticker, 0);

  @AfterEach
  void close() {
    node.close();
    log.close();
  }

  private void fail(Group group, int from, int to) {
    for (int i = from; i < to; i++) {
      try {
        group.get("k" + i);
      } catch (CacheException expected) {
        assertThat(expected).hasMessageStartingWith("load failed: ");
      }
    }
  }

  private Group down(String name) {
    return node.newGroup(
        name,
        1 << 20,
        key -> {
          throw new IllegalStateException("no " + key, new RuntimeException("the pool is empty"));
        });
  }

  private List<String> lines() {
    return log.messages().stream().map(line -> line.replaceAll("[0-9a-f]{8}", "ID")).toList();
  }

  @Test
  void eachFailureIsALineAndItsKindIsTracedOnce() {
    fail(down("db"), 0, 3);
    assertThat(lines())
        .containsExactly(
            "WARNING load failed: ID group db key k0",
            "WARNING load failed: ID group db key k1: java.lang.IllegalStateException: no k1,"
                + " caused by java.lang.RuntimeException: the pool is empty",
            "WARNING load failed: ID group db key k2: java.lang.IllegalStateException: no k2,"
                + " caused by java.lang.RuntimeException: the pool is empty");
    assertThat(log.traces()).containsOnlyOnce("Caused by: java.lang.RuntimeException");
  }

  @Test
  void aThousandFailuresAreAHundredLinesAndACount() {
    Group down = down("db");
    fail(down, 0, 1_000);
    assertThat(lines())
        .hasSize(FailedLoads.MOST_LINES + 1)
        .last()
        .isEqualTo(
            "WARNING 100 loads of group db failed within 60 s: for the rest of it, failures are"
                + " only counted");
    assertThat(log.traces().lines().filter(line -> line.startsWith("java.lang."))).hasSize(1);
    ticker.advance(Duration.ofMinutes(1));
    fail(down, 0, 1);
    assertThat(lines().subList(FailedLoads.MOST_LINES + 1, lines().size()))
        .containsExactly(
            "WARNING 900 more failures of group db were not logged",
            "WARNING load failed: ID group db key k0");
    assertThat(log.traces().lines().filter(line -> line.startsWith("java.lang."))).hasSize(2);
  }

  @Test
  void eachGroupHasLinesOfItsOwn() {
    fail(down("one"), 0, 1_000);
    fail(down("other"), 0, 1);
    assertThat(lines()).last().isEqualTo("WARNING load failed: ID group other key k0");
  }

  @Test
  void anotherKindIsTracedToo() {
    Group group =
        node.newGroup(
            "db",
            1 << 20,
            key -> {
              throw key.equals("k1")
                  ? new IllegalArgumentException(key)
                  : new IllegalStateException(key);
            });
    fail(group, 0, 3);
    assertThat(log.traces())
        .contains("java.lang.IllegalStateException: k0")
        .contains("java.lang.IllegalArgumentException: k1")
        .doesNotContain("java.lang.IllegalStateException: k2");
  }

  @Test
  void aFailureWhoseMessageFailsIsNamedByItsClass() {
    Group group =
        node.newGroup(
            "db",
            1 << 20,
            key -> {
              throw new IllegalStateException() {
                private static final long serialVersionUID = 1;

                @Override
                public String getMessage() {
                  throw new UnsupportedOperationException();
                }
              };
            });
    fail(group, 0, 2);
    assertThat(lines()).hasSize(2).allMatch(line -> line.contains("FailedLoadsTest$"));
  }
}
