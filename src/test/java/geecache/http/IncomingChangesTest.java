package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.Callers;
import geecache.cluster.Change;
import geecache.cluster.Removal;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What other nodes have changed comes in several ways, and at once. */
@Timeout(60)
class IncomingChangesTest {
  private static final long ORIGIN = 0xabc;

  /** The set has not stored its value when the read that names it comes. */
  @Test
  void aReadThatCarriesTheRemovalOfASetDoesNotUndoIt() throws Exception {
    assertSetSurvives(false, set(1, "Tom"));
  }

  /** The read has found that the clearing is not known; then it comes, and a set after it. */
  @Test
  void aReadThatCarriesAClearingDoesNotUndoASetAfterIt() throws Exception {
    Change clearing = new Change(List.of(new Removal(ORIGIN, 1, "g", null)), null, -1);
    assertSetSurvives(true, set(2, "Sam"), clearing, set(3, "Tom"));
  }

  /**
   * The first change is a set, which asks for the time before it stores. Just then a read of Tom
   * comes that names the first removal, and has to wait; and then the other changes.
   */
  private static void assertSetSurvives(boolean everything, Change set, Change... others)
      throws Exception {
    AtomicReference<Runnable> whileItSets = new AtomicReference<>(() -> {});
    try (Callers callers = new Callers();
        ServedNode served =
            new ServedNode(
                ServedNode.SECRET,
                () -> {
                  whileItSets.getAndSet(() -> {}).run();
                  return 0;
                })) {
      served.asNode().group().register(key -> "loaded".getBytes(UTF_8));
      served.get("Tom");
      AtomicReference<CompletableFuture<Reply>> read = new AtomicReference<>();
      whileItSets.set(
          () -> {
            read.set(callers.call(() -> readWith(served, everything)));
            Awaitility.await().until(() -> callers.last().getState() == Thread.State.BLOCKED);
            List.of(others).forEach(change -> change(served, change));
          });
      change(served, set);
      result(read.get());
      assertThat(served.get("Tom").body()).hasToString("630");
    }
  }

  private static Change set(long number, String key) {
    return new Change(List.of(new Removal(ORIGIN, number, "g", key)), "630".getBytes(UTF_8), -1);
  }

  private static void change(ServedNode served, Change change) {
    try {
      assertThat(served.change(change).code()).isEqualTo(200);
    } catch (Exception failure) {
      throw new IllegalStateException(failure);
    }
  }

  /** Reads Tom, and names the first removal of the origin. */
  private static Reply readWith(ServedNode served, boolean everything) throws Exception {
    Removal.Carried first = new Removal.Carried(new Removal.Id(ORIGIN, 1), everything);
    Map<String, String> carried = Map.of(PeerHeaders.REMOVED, PeerHeaders.of(List.of(first)));
    return result(served.send("GET", "/_geecache/g/Tom", carried, null));
  }
}
