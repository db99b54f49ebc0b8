package geecache;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How long gets wait for a peer, and what they hold meanwhile. */
class FetchWaitTest extends TwoPeers {
  /** The peers fail all that they were asked for, and none of it is to be loaded any more. */
  @Test
  void whatWaitsForAPeerAtTheEndOfTheNodeFailsAndIsNotLoaded() throws Exception {
    List<CompletableFuture<ByteView>> gets = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      gets.add(group.getAsync("key" + i));
      owner.next();
    }
    group.removeAllAsync(List.of("key1", "key2")); // Nobody can join these any more.
    node.close();
    for (CompletableFuture<ByteView> get : gets) {
      assertThatThrownBy(() -> result(get))
          .isInstanceOf(ClosedException.class)
          .hasMessage("the node is closed");
    }
    assertThatThrownBy(() -> group.get("later")).hasMessage("the node is closed");
    assertThat(group.stats().loads()).isZero();
  }

  @Test
  void aCallersDeadlineEndsItsOwnWaitOnly() throws Exception {
    CompletableFuture<ByteView> patient = callers.call(() -> group.get("Tom"));
    GatedPeer.Question question = owner.next();
    assertThatThrownBy(() -> group.get("Tom", Duration.ofMillis(1)))
        .isInstanceOf(LoadTimeoutException.class)
        .hasMessageMatching(
            "gave up waiting for scores/Tom after 1 ms; the node that owns the key has been asked"
                + " for \\d+ ms");
    question.answer("630");
    assertThat(result(patient)).hasToString("630");
    assertThat(owner.keys()).hasSize(1);
  }

  @Test
  void aCallersInterruptEndsItsOwnWaitOnly() throws Exception {
    CompletableFuture<ByteView> patient = group.getAsync("Tom");
    CompletableFuture<Boolean> interrupted =
        callers.call(
            () -> {
              assertThatThrownBy(() -> group.get("Tom"))
                  .isInstanceOf(LoadTimeoutException.class)
                  .hasCauseInstanceOf(InterruptedException.class);
              return Thread.currentThread().isInterrupted();
            });
    await().until(() -> group.stats().fetchesDeduplicated() == 1);
    callers.last().interrupt();
    assertThat(result(interrupted)).isTrue();
    owner.next().answer("630");
    assertThat(result(patient)).hasToString("630");
  }

  @Test
  void cancellingOnesFutureIsOnesOwnAffair() throws Exception {
    CompletableFuture<ByteView> cancelled = group.getAsync("Tom");
    CompletableFuture<ByteView> patient = group.getAsync("Tom");
    cancelled.cancel(true);
    owner.next().answer("630");
    assertThat(result(patient)).hasToString("630");
  }

  @Test
  void whoeverGaveUpDuringTheFetchHasNothingLoaded() throws Exception {
    HandTimer timer = new HandTimer();
    try (LoaderThreads loaders = new LoaderThreads(new CallersThread(Runnable::run), timer)) {
      Group hasty = hasty(source, loaders);
      CompletableFuture<ByteView> get = hasty.getAsync("Tom");
      GatedPeer.Question question = owner.next();
      timer.fire(WAIT);
      assertThatThrownBy(() -> result(get))
          .isInstanceOf(LoadTimeoutException.class)
          .hasMessageStartingWith("gave up waiting for hasty/Tom after 120000 ms; the node that");
      question.fail(new IOException("reset"));
      instead.next().fail(new IOException("reset"));
      assertThat(source.keys()).isEmpty();
    }
  }

  @Test
  void aGetThatDoesNotWaitStillAsks() throws Exception {
    assertThatThrownBy(() -> group.get("Tom", Duration.ZERO))
        .isInstanceOf(LoadTimeoutException.class);
    CompletableFuture<ByteView> get = group.getAsync("Tom");
    owner.next().answer("630");
    assertThat(result(get)).hasToString("630");
    assertThat(owner.keys()).hasSize(1);
  }

  /** The peer had no place for the load within the time of the first one. */
  @Test
  void aGetThatDoesNotWaitHasNoneRefusedThatDo() throws Exception {
    assertThatThrownBy(() -> group.get("Tom", Duration.ZERO))
        .isInstanceOf(LoadTimeoutException.class);
    CompletableFuture<ByteView> patient = group.getAsync("Tom");
    owner.next().fail(new OverloadedException("no place"));
    owner.next().answer("630");
    assertThat(result(patient)).hasToString("630");
  }

  @Test
  void aFetchNeedsNeitherAThreadNorAPlaceOfALoad() throws Exception {
    CompletableFuture<ByteView> running = group.getAsync("own1");
    GatedGetter.Call load = source.next();
    List<CompletableFuture<ByteView>> waiting =
        List.of(group.getAsync("own2"), group.getAsync("own3"));
    CompletableFuture<ByteView> blocking = callers.call(() -> group.get("Tom"));
    owner.next().answer("630");
    assertThat(result(blocking)).hasToString("630");
    CompletableFuture<ByteView> async = group.getAsync("Sam");
    owner.next().answer("567");
    assertThat(result(async)).hasToString("567");
    assertThat(group.stats().rejected()).isZero();
    load.answer("1");
    source.next().answer("2");
    source.next().answer("3");
    result(running);
    for (CompletableFuture<ByteView> get : waiting) {
      result(get);
    }
  }

  @Test
  void closingTheNodeReleasesWhoWaitsForAFetch() throws Exception {
    CompletableFuture<ByteView> blocking = callers.call(() -> group.get("Tom"));
    owner.next();
    CompletableFuture<ByteView> async = group.getAsync("Tom");
    node.close();
    for (CompletableFuture<ByteView> get : List.of(blocking, async)) {
      assertThatThrownBy(() -> result(get))
          .isInstanceOf(ClosedException.class)
          .hasMessage("the node is closed");
    }
    assertThat(instead.keys()).isEmpty();
    assertThat(source.keys()).isEmpty();
  }
}
