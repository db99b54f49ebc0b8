package geecache.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.Callers;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BatchingLoaderTest {
  /** A query that is under way until the test ends it. */
  private record Call(Set<String> keys, CompletableFuture<String> outcome) {}

  private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
  private final BatchingLoader loader = new BatchingLoader(this::one, this::many, 8);

  private Optional<byte[]> one(String key) throws SQLException {
    return value(ask(Set.of(key)));
  }

  private Map<String, Optional<byte[]>> many(Set<String> keys) throws SQLException {
    Optional<byte[]> value = value(ask(keys));
    Map<String, Optional<byte[]>> found = new HashMap<>();
    keys.stream().filter(k -> !k.startsWith("strange")).forEach(key -> found.put(key, value));
    return found;
  }

  private static Optional<byte[]> value(String outcome) {
    return Optional.of(outcome.getBytes(UTF_8));
  }

  private String ask(Set<String> keys) throws SQLException {
    Call call = new Call(Set.copyOf(keys), new CompletableFuture<>());
    calls.add(call);
    try {
      return call.outcome().join();
    } catch (RuntimeException failed) {
      throw new SQLException("as told", failed);
    }
  }

  private Call next() throws InterruptedException {
    Call call = calls.poll(60, TimeUnit.SECONDS);
    assertThat(call).as("a query").isNotNull();
    return call;
  }

  private CompletableFuture<String> get(Callers callers, String key) {
    return callers.call(() -> new String(loader.load(key).orElseThrow(), UTF_8));
  }

  /** Waits until the last caller waits for its turn. */
  private static void awaitWaiting(Callers callers) {
    Thread thread = callers.last();
    await().until(() -> thread.getState() == Thread.State.WAITING);
  }

  private List<Call> fillPlaces(Callers callers) throws InterruptedException {
    List<Call> running = new ArrayList<>();
    for (int i = 0; i < BatchingLoader.MAX_QUERIES; i++) {
      get(callers, "first" + i);
      running.add(next());
    }
    return running;
  }

  private static void end(List<Call> calls) {
    calls.forEach(call -> call.outcome().complete("end"));
  }

  @Test
  void aLoadThatIsAloneIsQueriedAtOnce() throws Exception {
    try (Callers callers = new Callers()) {
      CompletableFuture<String> value = get(callers, "a");
      Call call = next();

      assertThat(call.keys()).containsExactly("a");
      call.outcome().complete("1");
      assertThat(Callers.result(value)).isEqualTo("1");
    }
  }

  @Test
  void loadsThatArriveMeanwhileShareAQuery() throws Exception {
    try (Callers callers = new Callers()) {
      List<Call> running = fillPlaces(callers);
      List<CompletableFuture<String>> waiting = new ArrayList<>();
      for (String key : List.of("a", "b", "c", "b")) {
        waiting.add(get(callers, key));
        awaitWaiting(callers);
      }

      running.get(0).outcome().complete("0");
      Call together = next();

      assertThat(together.keys()).containsExactlyInAnyOrder("a", "b", "c");
      together.outcome().complete("all");
      for (CompletableFuture<String> value : waiting) {
        assertThat(Callers.result(value)).isEqualTo("all");
      }
      end(running);
    }
  }

  @Test
  void aLoadIsNotAnsweredByAQueryThatBeganBeforeIt() throws Exception {
    try (Callers callers = new Callers()) {
      List<Call> running = fillPlaces(callers);
      CompletableFuture<String> late = get(callers, "first0");
      awaitWaiting(callers);

      running.get(0).outcome().complete("old");
      next().outcome().complete("new");

      assertThat(Callers.result(late)).isEqualTo("new");
      end(running);
    }
  }

  @Test
  void aLoadThatIsInterruptedWhileItWaitsTakesNoPlaceAlong() throws Exception {
    try (Callers callers = new Callers()) {
      List<Call> running = fillPlaces(callers);
      CompletableFuture<String> given = get(callers, "given up");
      awaitWaiting(callers);
      callers.last().interrupt();

      assertThatThrownBy(() -> Callers.result(given)).isInstanceOf(InterruptedException.class);
      end(running);
      for (Call call : fillPlaces(callers)) { // All places are free again.
        call.outcome().complete("again");
      }
    }
  }

  @Test
  void aFailureFailsAllLoadsOfTheQuery() throws Exception {
    try (Callers callers = new Callers()) {
      List<Call> running = fillPlaces(callers);
      CompletableFuture<String> a = get(callers, "a");
      awaitWaiting(callers);
      CompletableFuture<String> b = get(callers, "b");
      awaitWaiting(callers);

      running.get(0).outcome().complete("0");
      next().outcome().completeExceptionally(new IllegalStateException("down"));

      assertThatThrownBy(() -> Callers.result(a)).isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> Callers.result(b))
          .isInstanceOf(SQLException.class)
          .hasMessage("the query for many keys failed");
      end(running);
      assertThat(calls).isEmpty();
    }
  }

  @Test
  void aKeyThatTheBatchLeavesOutIsQueriedAlone() throws Exception {
    try (Callers callers = new Callers()) {
      List<Call> running = fillPlaces(callers);
      CompletableFuture<String> a = get(callers, "a");
      awaitWaiting(callers);
      CompletableFuture<String> strange = get(callers, "strange");
      awaitWaiting(callers);

      running.get(0).outcome().complete("0");
      next().outcome().complete("together");
      Call alone = next();

      assertThat(alone.keys()).containsExactly("strange");
      alone.outcome().complete("alone");
      assertThat(Callers.result(a)).isEqualTo("together");
      assertThat(Callers.result(strange)).isEqualTo("alone");
      end(running);
    }
  }
}
