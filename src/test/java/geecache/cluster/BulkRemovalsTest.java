package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Geecache;
import geecache.LocalGroup;
import geecache.LocalNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Batches are told when the test says so. */
class BulkRemovalsTest {
  private final Geecache node = new Geecache();
  private final LocalGroup group = LocalNode.partOf(node.newGroup("g", 0, key -> new byte[0]));
  private final List<List<String>> removed = new ArrayList<>();
  private final ArrayDeque<CompletableFuture<Void>> underWay = new ArrayDeque<>();
  private final ArrayDeque<String> names = new ArrayDeque<>();
  private boolean atOnce;

  private final BulkRemovals bulks =
      new BulkRemovals(
          2,
          (of, keys, missed) -> {
            assertThat(of).isSameAs(group);
            removed.add(List.copyOf(keys));
            if (!names.isEmpty()) {
              missed.add(names.remove());
            }
            CompletableFuture<Void> told = new CompletableFuture<>();
            if (atOnce) {
              told.complete(null);
            } else {
              underWay.add(told);
            }
            return told;
          });

  @AfterEach
  void close() {
    node.close();
  }

  private void tellAll() {
    while (!underWay.isEmpty()) {
      underWay.remove().complete(null);
    }
  }

  @Test
  void oneBatchIsUnderWayAtATime() {
    CompletableFuture<Set<String>> answer = bulks.remove(group, List.of("a", "b", "c", "d", "e"));
    assertThat(removed).containsExactly(List.of("a", "b"));
    underWay.remove().complete(null);
    assertThat(removed).hasSize(2);
    assertThat(answer).isNotDone();
    tellAll();
    assertThat(removed).containsExactly(List.of("a", "b"), List.of("c", "d"), List.of("e"));
    assertThat(answer.join()).isEmpty();
  }

  @Test
  void callersTakeTurns() {
    CompletableFuture<Set<String>> much = bulks.remove(group, List.of("a", "b", "c", "d", "e"));
    CompletableFuture<Set<String>> little = bulks.remove(group, List.of("x", "y"));
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
  void eachCallerIsGivenTheNamesOfItsOwnBatches() {
    names.addAll(List.of("http://b:2", "http://c:3", "http://d:4"));
    CompletableFuture<Set<String>> one = bulks.remove(group, List.of("a", "b", "c"));
    CompletableFuture<Set<String>> other = bulks.remove(group, List.of("x", "y"));
    tellAll();
    assertThat(one.join()).containsExactly("http://b:2", "http://d:4");
    assertThat(other.join()).containsExactly("http://c:3");
  }

  @Test
  void aFaultEndsItsOwnCallAndNoOther() {
    CompletableFuture<Set<String>> one = bulks.remove(group, List.of("a", "b", "c"));
    CompletableFuture<Set<String>> other = bulks.remove(group, List.of("x", "y"));
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
    List<String> keys = IntStream.range(0, 200_000).mapToObj(i -> "k" + i).toList();
    assertThat(bulks.remove(group, keys)).isDone();
    assertThat(removed).hasSize(100_000);
  }
}
