package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.Callers;
import geecache.Stamp;
import geecache.cluster.Removal;
import geecache.cluster.SetChange;
import geecache.cluster.VersionVector;
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
  void aReadThatNamesTheRemovalOfASetDoesNotUndoIt() throws Exception {
    assertSetSurvives(false, set(1, "Tom"));
  }

  /** The read has found that the clearing is not known; then it comes, and a set after it. */
  @Test
  void aReadThatNamesAClearingDoesNotUndoASetAfterIt() throws Exception {
    Message clearing = new Message(List.of(), List.of(new Removal(ORIGIN, 1, 1, "g", null)));
    assertSetSurvives(true, set(2, "Sam"), clearing, set(3, "Tom"));
  }

  /**
   * The first change is a set, which asks for the time before it stores. Just then a read of Tom
   * comes that names the first removal, and has to wait; and then the other changes.
   */
  private static void assertSetSurvives(boolean everything, Message set, Message... others)
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

  private record Message(List<SetChange> sets, List<Removal> removed) {}

  private static Message set(long time, String key) {
    Stamp stamp = new Stamp(time, ORIGIN);
    VersionVector known = new VersionVector(Map.of(ORIGIN, time - 1));
    return new Message(
        List.of(new SetChange("g", key, "630".getBytes(UTF_8), -1, stamp, known)), List.of());
  }

  private static void change(ServedNode served, Message message) {
    try {
      Removal[] removed = message.removed().toArray(Removal[]::new);
      assertThat(served.change(message.sets(), removed).code()).isEqualTo(200);
    } catch (Exception failure) {
      throw new IllegalStateException(failure);
    }
  }

  /** Reads Tom, and names the first removal of the origin. */
  private static Reply readWith(ServedNode served, boolean everything) throws Exception {
    List<Removal.Named> named =
        List.of(new Removal.Named(new Removal.Id(ORIGIN, 1), 1, everything));
    Map<String, String> headers =
        Map.of(
            PeerHeaders.REMOVED, PeerHeaders.of(named),
            PeerHeaders.REMOVED_TIMES, PeerHeaders.timesOf(named));
    return result(served.send("GET", "/_geecache/g/Tom", headers, null));
  }
}
