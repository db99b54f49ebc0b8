package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Batches are told when the test says so. */
class BulkRemovalsTest {
  private final List<List<String>> removed = new ArrayList<>();
  private final ArrayDeque<CompletableFuture<Void>> underWay = new ArrayDeque<>();
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private boolean atOnce;
  private boolean closed;

  private final BulkRemovals bulks =
      new BulkRemovals(
          2,
          task -> {
            if (closed) {
              throw new RejectedExecutionException("closed");
            }
            tasks.add(task);
          });

  private CompletableFuture<Void> removeSome(List<String> keys) {
    removed.add(List.copyOf(keys));
    CompletableFuture<Void> told = new CompletableFuture<>();
    if (atOnce) {
      told.complete(null);
    } else {
      underWay.add(told);
    }
    return told;
  }

  private CompletableFuture<Void> remove(CompletableFuture<Void> over, String... keys) {
    return bulks.remove(List.of(keys), this::removeSome, over);
  }

  private CompletableFuture<Void> remove(String... keys) {
    return remove(new CompletableFuture<>(), keys);
  }

  private void tellAll() {
    while (!underWay.isEmpty()) {
      underWay.remove().complete(null);
    }
  }

  private void runAll() {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
  }

  @Test
  void oneBatchIsUnderWayAtATime() {
    CompletableFuture<Void> over = new CompletableFuture<>();
    CompletableFuture<Void> answer = remove(over, "a", "b", "c", "d", "e");
    assertThat(removed).containsExactly(List.of("a", "b"));
    underWay.remove().complete(null);
    assertThat(removed).hasSize(2);
    assertThat(answer).isNotDone();
    tellAll();
    assertThat(removed).containsExactly(List.of("a", "b"), List.of("c", "d"), List.of("e"));
    assertThat(answer).isCompleted();
    assertThat(over).as("the end of its timer").isCompleted();
  }

  @Test
  void callersTakeTurns() {
    CompletableFuture<Void> much = remove("a", "b", "c", "d", "e");
    CompletableFuture<Void> little = remove("x", "y");
    assertThat(removed).hasSize(1);
    underWay.remove().complete(null);
    underWay.remove().complete(null);
    assertThat(removed).containsExactly(List.of("a", "b"), List.of("x", "y"), List.of("c", "d"));
    assertThat(little).isDone();
    assertThat(much).isNotDone();
    tellAll();
    assertThat(much).isDone();
  }

  @Test
  void aFaultEndsItsOwnCallAndNoOther() {
    CompletableFuture<Void> one = remove("a", "b", "c");
    CompletableFuture<Void> other = remove("x", "y");
    underWay.remove().completeExceptionally(new IllegalStateException("a fault"));
    assertThatThrownBy(one::join).hasRootCauseMessage("a fault");
    tellAll();
    assertThat(other).isDone();
    assertThat(removed).containsExactly(List.of("a", "b"), List.of("x", "y"));
  }

  /** No batch is nested in the one before. */
  @Test
  void veryManyBatchesThatAreToldAtOnceAreNoProblem() {
    atOnce = true;
    String[] keys = IntStream.range(0, 200_000).mapToObj(i -> "k" + i).toArray(String[]::new);
    assertThat(remove(keys)).isDone();
    assertThat(removed).hasSize(100_000);
  }

  @Test
  void aCallWhoseTimeIsOverWaitsForNoTurn() {
    CompletableFuture<Void> first = remove("a", "b", "c");
    CompletableFuture<Void> over = new CompletableFuture<>();
    CompletableFuture<Void> late = remove(over, "x", "y", "z");
    atOnce = true;
    over.completeExceptionally(new IllegalStateException("the time is over"));
    runAll();
    assertThat(late).isCompleted();
    assertThat(removed).containsExactly(List.of("a", "b"), List.of("x", "y"), List.of("z"));
    tellAll();
    assertThat(first).isCompleted();
    assertThat(removed).hasSize(4);
  }

  /** The batch that is under way is ended by the one who removes it. */
  @Test
  void aCallWhoseTimeIsOverDuringItsTurnTakesNoOther() {
    CompletableFuture<Void> over = new CompletableFuture<>();
    CompletableFuture<Void> late = remove(over, "a", "b", "c");
    CompletableFuture<Void> other = remove("x", "y", "z");
    over.complete(null);
    assertThat(tasks).isEmpty();
    underWay.remove().complete(null);
    assertThat(removed).containsExactly(List.of("a", "b"), List.of("x", "y"));
    runAll();
    assertThat(removed.get(2)).containsExactly("c");
    underWay.removeLast().complete(null);
    runAll();
    assertThat(late).isCompleted();
    assertThat(other).isNotDone();
    tellAll();
    assertThat(other).isCompleted();
  }

  @Test
  void aCallWhoseTimeIsOverFailsWhereTheNodeIsClosed() {
    remove("a", "b");
    CompletableFuture<Void> over = new CompletableFuture<>();
    CompletableFuture<Void> late = remove(over, "x", "y");
    closed = true;
    over.complete(null);
    assertThatThrownBy(late::join).hasRootCauseMessage("closed");
  }
}
