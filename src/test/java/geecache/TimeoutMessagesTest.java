package geecache;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A get whose time is over says where it went. */
class TimeoutMessagesTest {
  private static final Duration WAIT = Duration.ofSeconds(120);

  private final GatedGetter source = new GatedGetter();
  private final GatedPeer owner = new GatedPeer("http://owner");
  private final FakeTicker ticker = new FakeTicker();
  private final HandTimer timer = new HandTimer();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final LoaderThreads loaders = new LoaderThreads(threads, timer);
  private final NodeParts real = NodeParts.of(ticker, loaders);
  private final Group group =
      new Group(
          new GroupEngine(
              "one",
              BareSettings.of(Duration.ofHours(1), WAIT, 1, 2_000),
              source,
              new NodeParts(
                  ticker, ticker, loaders, real.random(), real.waiting(), real.cluster())));

  @AfterEach
  void end() {
    group.engine.close();
    loaders.close();
  }

  @Test
  void inTheGetter() throws Exception {
    CompletableFuture<ByteView> first = group.getAsync("own");
    source.next();
    CompletableFuture<ByteView> second = group.getAsync("own");
    ticker.advance(WAIT);
    timer.fire(WAIT); // Of the first get, if it came after the load had begun.
    assertThatThrownBy(() -> result(CompletableFuture.anyOf(first, second)))
        .isInstanceOf(LoadTimeoutException.class)
        .hasMessage(
            "gave up waiting for one/own after 120000 ms; the load has been running for 120000 ms");
  }

  @Test
  void inTheQueueBehindOthers() throws Exception {
    group.getAsync("running");
    source.next();
    group.getAsync("first");
    group.getAsync("second");
    assertThatThrownBy(() -> group.get("third", Duration.ZERO))
        .isInstanceOf(OverloadedException.class)
        .hasMessage(
            "overloaded: no place for a load of group one in time; 1 are running, and 2 waited"
                + " before it");
  }

  @Test
  void inAQueueThatIsTooLongToBeCounted() throws Exception {
    group.getAsync("running");
    source.next();
    for (int i = 0; i < 1_100; i++) {
      group.getAsync("key" + i);
    }
    assertThatThrownBy(() -> group.get("last", Duration.ZERO))
        .isInstanceOf(OverloadedException.class)
        .hasMessageEndingWith("1 are running, and 1000 or more waited before it");
  }

  @Test
  void atAPeer() throws Exception {
    real.cluster().set(new FakePeers(owner));
    CompletableFuture<ByteView> get = group.getAsync("Tom");
    owner.next();
    ticker.advance(WAIT);
    timer.fire(WAIT);
    LoadTimeoutException late = catchThrowableOfType(LoadTimeoutException.class, () -> result(get));
    assertThat(late)
        .hasMessage(
            "gave up waiting for one/Tom after 120000 ms; the node that owns the key has been asked"
                + " for 120000 ms");
    assertThat(late.peer()).hasValue("http://owner");
    assertThat(late)
        .hasToString(
            LoadTimeoutException.class.getName() + ": " + late.getMessage() + " (http://owner)");
  }
}
