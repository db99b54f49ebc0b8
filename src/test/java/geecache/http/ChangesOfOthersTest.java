package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.Callers;
import geecache.http.ClusterCodec.Change;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What other nodes have changed comes in several ways, and at once. */
@Timeout(60)
class ChangesOfOthersTest {
  private static final long ORIGIN = 0xabc;

  /** The set asks for the time before it stores; just then the read comes, and has to wait. */
  @Test
  void aReadThatCarriesTheRemovalOfASetDoesNotUndoIt() throws Exception {
    AtomicReference<Runnable> whileItSets = new AtomicReference<>(() -> {});
    try (Callers callers = new Callers();
        Served served =
            new Served(
                Served.SECRET,
                () -> {
                  whileItSets.getAndSet(() -> {}).run();
                  return 0;
                })) {
      served.asNode().group().register(key -> "loaded".getBytes(UTF_8));
      served.get("Tom");
      AtomicReference<CompletableFuture<Reply>> read = new AtomicReference<>();
      whileItSets.set(
          () -> {
            read.set(callers.call(() -> readWithRemoval(served)));
            Awaitility.await().until(() -> callers.last().getState() == Thread.State.BLOCKED);
          });
      Removal removal = new Removal(ORIGIN, 1, "g", "Tom");
      served.change(new Change(List.of(removal), "630".getBytes(UTF_8), -1));
      result(read.get());
      assertThat(served.get("Tom").body()).hasToString("630");
    }
  }

  private static Reply readWithRemoval(Served served) throws Exception {
    Map<String, String> carried = Map.of(CarriedHeader.NAME, new PeerMark(ORIGIN, 1).toString());
    return result(served.send("GET", "/_geecache/g/Tom", carried, null));
  }
}
