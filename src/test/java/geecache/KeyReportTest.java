package geecache;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.internal.JsonWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** What a node says of one key, where a call of the getter loads many; see also ExplainTest. */
class KeyReportTest {
  private static String of(Group group, String key) {
    JsonWriter to = new JsonWriter();
    to.object(() -> group.engine.explain(key, to));
    return to.toString();
  }

  @Test
  void aLoadThatAnotherOnesCallTookAlongRunsForAsLongAsTheCall() throws Exception {
    FakeTicker ticker = new FakeTicker();
    GatedBulkGetter source = new GatedBulkGetter();
    LoaderThreads loaders = new LoaderThreads(Executors.newCachedThreadPool(), new HandTimer());
    NodeParts real = NodeParts.of(ticker, loaders);
    try (Geecache node =
        new Geecache(
            new NodeParts(
                ticker, ticker, loaders, real.random(), real.waiting(), real.cluster()))) {
      Group group = node.group("g").maxLoads(1).registerBulk(source);
      CompletableFuture<ByteView> first = group.getAsync("first");
      GatedBulkGetter.Call alone = source.next();
      List<CompletableFuture<ByteView>> both = List.of(group.getAsync("a"), group.getAsync("b"));
      ticker.advance(Duration.ofSeconds(5));
      assertThat(of(group, "b"))
          .contains("\"state\":\"queued\",\"waitingBefore\":1,\"forMillis\":5000");

      alone.answerAll("1");
      GatedBulkGetter.Call together = source.next();
      assertThat(together.keys()).containsExactlyInAnyOrder("a", "b");
      ticker.advance(Duration.ofSeconds(2));

      for (String key : List.of("a", "b")) {
        assertThat(of(group, key)).contains("\"state\":\"running\",\"forMillis\":2000");
      }
      together.answerAll("2");
      result(first);
      for (CompletableFuture<ByteView> get : both) {
        assertThat(result(get)).hasToString("2");
      }
    }
  }
}
