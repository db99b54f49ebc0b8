package geecache;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.JoinTable.Seat;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Loads that are shared, of one key and of many, and how they fail. */
class SingleFlightTest extends GatedLoads {
  @Test
  void aThousandCallersOfAColdKeyShareOneLoad() throws Exception {
    List<CompletableFuture<ByteView>> gets = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      gets.add(callers.call(() -> group.get("Tom")));
    }
    GatedGetter.Call load = source.next();
    awaitJoined(group, 999);
    load.answer("630");
    for (CompletableFuture<ByteView> get : gets) {
      assertThat(result(get)).hasToString("630");
    }
    assertThat(source.keys()).containsExactly("Tom");
    assertThat(group.stats().loads()).isEqualTo(1);
  }

  /** A miss; then the load of another get stores and ends; then the join that follows the miss. */
  @Test
  void aMissThatComesLateFindsTheStoredValue() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    Getter counting =
        key -> {
          calls.incrementAndGet();
          return "630".getBytes(UTF_8);
        };
    try (LoaderThreads loaders = new LoaderThreads(1)) {
      NodeParts node = NodeParts.of(Ticker.system(), loaders);
      GroupParts parts = new GroupEngine("scores", settings(4, 4), counting, node).parts;
      SingleFlight flights = new SingleFlight(parts);
      assertThat(parts.store().find("Tom")).isNull();
      flights.await(flights.join("Tom", false), WaitTime.of(Duration.ofMinutes(1))).entryOrThrow();
      Seat<Flight> late = flights.join("Tom", false);
      assertThat(late.attempt()).isNull();
      assertThat(late.found().value).hasToString("630");
      assertThat(calls).hasValue(1);
    }
  }

  static List<Throwable> failures() {
    return List.of(
        new IOException("x"),
        new IllegalStateException("x"),
        new OutOfMemoryError("x"),
        new StackOverflowError(),
        new ThreadDeathLike(),
        new InterruptedException());
  }

  static final class ThreadDeathLike extends Error {
    private static final long serialVersionUID = 1;
  }

  @ParameterizedTest
  @MethodSource("failures")
  void whateverAGetterThrowsReleasesEveryWaiterAndTheNextGetLoadsAgain(Throwable thrown)
      throws Exception {
    CompletableFuture<ByteView> first = callers.call(() -> group.get("Tom"));
    GatedGetter.Call load = source.next();
    CompletableFuture<ByteView> second = callers.call(() -> group.get("Tom"));
    CompletableFuture<ByteView> third = group.getAsync("Tom");
    awaitJoined(group, 2);
    load.fail(thrown);
    for (CompletableFuture<ByteView> get : List.of(first, second, third)) {
      assertThatThrownBy(() -> result(get))
          .isInstanceOf(LoadException.class)
          .hasMessageMatching("load failed: [0-9a-f]{8}")
          .hasCause(thrown);
    }
    CompletableFuture<ByteView> next = callers.call(() -> group.get("Tom"));
    source.next().answer("630");
    assertThat(result(next)).hasToString("630");
    assertThat(group.stats().loadFailures()).isEqualTo(1);
  }

  @Test
  void aKeyInTheMessageOfAGettersFailureForgesNoLogLine() {
    Group numbers = node.newGroup("numbers", 1 << 20, key -> new byte[Integer.parseInt(key)]);
    try (LogCapture log = new LogCapture("geecache.FailedLoads", java.util.logging.Level.INFO)) {
      assertThatThrownBy(() -> numbers.get("1\n[Server evil] GET /"))
          .isInstanceOf(LoadException.class);
      assertThat(log.messages()).singleElement().asString().doesNotContain("\n");
      assertThat(log.traces().lines())
          .anyMatch(line -> line.contains("NumberFormatException: For input string: \"1\\n[Server"))
          .anyMatch(line -> line.contains("SingleFlightTest.java"))
          .noneMatch(line -> line.startsWith("[Server evil]"));
    }
  }

  @Test
  void aGetterThatOverflowsItsStackFailsLikeAnyOther() throws Exception {
    Group deep = node.newGroup("deep", 1 << 20, SingleFlightTest::recurse);
    assertThatThrownBy(() -> deep.get("Tom"))
        .isInstanceOf(LoadException.class)
        .hasCauseInstanceOf(StackOverflowError.class);
    assertThatThrownBy(() -> deep.get("Tom")).isInstanceOf(LoadException.class);
  }

  private static byte[] recurse(String key) {
    return recurse(key + recurse(key).length);
  }

  @Test
  void manyKeysLoadAtOnceAndComeInTheOrderAskedFor() throws Exception {
    CompletableFuture<Map<String, ByteView>> all =
        callers.call(() -> group.getAll(List.of("a", "b", "a", "c")));
    List<GatedGetter.Call> loads = List.of(source.next(), source.next(), source.next());
    for (GatedGetter.Call load : loads) {
      if (load.key().equals("b")) {
        load.fail(new KeyNotFoundException("no b"));
      } else {
        load.answer(load.key().toUpperCase(java.util.Locale.ROOT));
      }
    }
    assertThat(result(all).toString()).isEqualTo("{a=A, c=C}");
    assertThat(source.keys()).containsExactlyInAnyOrder("a", "b", "c");
  }

  @Test
  void oneFailureOfManyIsTheFailureOfAll() throws Exception {
    CompletableFuture<Map<String, ByteView>> all =
        callers.call(() -> group.getAll(List.of("a", "b")));
    for (GatedGetter.Call load : List.of(source.next(), source.next())) {
      load.fail(new LoadException("no " + load.key()));
    }
    assertThatThrownBy(() -> result(all)).isInstanceOf(LoadException.class).hasMessage("no a");
  }

  @Test
  void aBadKeyAmongManyIsRefusedBeforeAnyLoadBegins() {
    assertThatThrownBy(() -> group.getAll(List.of("a", "")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(group.stats().gets()).isZero();
  }
}
