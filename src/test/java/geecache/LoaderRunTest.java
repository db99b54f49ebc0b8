package geecache;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What the loaders of callers get while they run, on one node: one key may have had two holders.
 */
@Timeout(60)
class LoaderRunTest {
  private final Geecache node = new Geecache();

  /** No lease passes on because its time is over. */
  private final Group group =
      node.group("db").maxLoads(1).leaseTimeout(Duration.ofMinutes(5)).register();

  private final Callers callers = new Callers();
  private final List<HeldLoader> holders = new ArrayList<>();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch nextBegun = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);
  private final CountDownLatch nextGo = new CountDownLatch(1);

  @AfterEach
  void close() {
    go.countDown();
    nextGo.countDown();
    holders.forEach(HeldLoader::letGo);
    node.close();
    callers.close();
  }

  private static Value value(String text) {
    return Value.of(ByteView.of(text));
  }

  private static AsyncLoader done(String text) {
    return key -> CompletableFuture.completedFuture(value(text));
  }

  private static Map<String, Value> valuesOf(Set<String> keys) {
    Map<String, Value> all = new HashMap<>();
    keys.forEach(key -> all.put(key, value(key + "!")));
    return all;
  }

  private void awaitWaiting(int gets) {
    await().until(() -> group.stats().getsWaiting() == gets);
  }

  /** Returns the call of a loader that loads {@code key}; null for none. */
  private @Nullable Flight callFor(String key) {
    return group.engine.flights.underWay(key).get(0).awaited;
  }

  /** Waits until the lease of {@code key} has come to the caller whose loader loads {@code a}. */
  private void awaitPassed(String key) {
    await().until(() -> callFor(key) == callFor("a"));
  }

  /** Waits until the loader that loads {@code a} waits for another load. */
  private void awaitLoaderWaits() {
    await().until(() -> Objects.requireNonNull(callFor("a")).awaited != null);
  }

  private HeldLoader held(String key) throws InterruptedException {
    HeldLoader made = new HeldLoader(callers, group, key, new AtomicInteger(), "of holder", null);
    holders.add(made);
    return made;
  }

  /** Ends the lease of {@code key} as if its time were over. */
  private void passOn(String key) {
    HeldLease lease = group.engine.flights.underWay(key).get(0).lease;
    ((Lease) Objects.requireNonNull(lease)).giveBack();
  }

  /** Has a caller be the next to load {@code key}, who waits in its loader until it may go on. */
  private CompletableFuture<String> next(String key) {
    return callers.call(
        () ->
            group
                .get(
                    key,
                    wanted -> {
                      nextBegun.countDown();
                      nextGo.await();
                      return value("next");
                    })
                .toString());
  }

  @Test
  void aHolderWhoseLeaseHasPassedOnGetsOtherKeysOnItsLoaderThread() throws Exception {
    CompletableFuture<Boolean> inPlace = new CompletableFuture<>();
    CompletableFuture<ByteView> first =
        group.getAsync(
            "Tom",
            key -> {
              begun.countDown();
              go.await();
              CompletableFuture<ByteView> other = group.getAsync("Jack", done("589"));
              inPlace.complete(other.isDone());
              return other.thenApply(Value::of);
            });
    begun.await();
    CompletableFuture<String> next = next("Tom");
    awaitWaiting(2);
    first.cancel(false);
    nextBegun.await();
    go.countDown();
    assertThat(result(inPlace)).isTrue();
    nextGo.countDown();
    assertThat(result(next)).isEqualTo("next");
  }

  @Test
  void theThreadOfACallerWhoseLeaseHasPassedOnIsNoLoaderThread() throws Exception {
    AtomicReference<Thread> thread = new AtomicReference<>();
    CompletableFuture<String> holder =
        callers.call(
            () ->
                group
                    .get(
                        "Tom",
                        key -> {
                          begun.countDown();
                          go.await();
                          return Value.of(
                              result(
                                  group.getAsync(
                                      "Jack",
                                      other -> {
                                        thread.set(Thread.currentThread());
                                        return CompletableFuture.completedFuture(value("589"));
                                      })));
                        })
                    .toString());
    begun.await();
    CompletableFuture<ByteView> next =
        group.getAsync(
            "Tom",
            key -> {
              nextBegun.countDown();
              nextGo.await();
              return CompletableFuture.completedFuture(value("next"));
            });
    awaitWaiting(1);
    passOn("Tom");
    nextBegun.await();
    go.countDown();
    await().until(() -> group.stats().loadsWaiting() == 1 || holder.isDone());
    nextGo.countDown();
    assertThat(result(holder)).isEqualTo("589");
    assertThat(thread.get().getName()).startsWith("geecache-loader-");
    assertThat(result(next)).hasToString("next");
  }

  @Test
  void aLeaseThatPassesOnAloneMakesNoCircleWithTheKeysThatItWasLoadedWith() throws Exception {
    CompletableFuture<String> holder =
        callers.call(
            () ->
                group
                    .getAll(
                        List.of("a", "b"),
                        keys -> {
                          begun.countDown();
                          go.await();
                          return valuesOf(keys);
                        })
                    .toString());
    begun.await();
    CompletableFuture<String> next =
        callers.call(
            () ->
                group
                    .get(
                        "a",
                        key -> {
                          nextBegun.countDown();
                          return Value.of(group.get("b"));
                        })
                    .toString());
    awaitWaiting(1);
    passOn("a");
    nextBegun.await();
    await().until(() -> group.stats().getsWaiting() == 1 || next.isDone());
    go.countDown();
    assertThat(result(next)).isEqualTo("b!");
    assertThat(result(holder)).isEqualTo("{a=a!, b=b!}");
  }

  /** Gets {@code keys} by a loader that waits until it may go on, and then gets another key. */
  private CompletableFuture<String> many(List<String> keys, Loader<Exception> other) {
    return callers.call(
        () ->
            group
                .getAll(
                    keys,
                    mine -> {
                      begun.countDown();
                      go.await();
                      other.load("");
                      return valuesOf(mine);
                    })
                .toString());
  }

  @Test
  void aLoaderThatGetsAKeyWhoseLeaseHasComeMeanwhileFailsAtOnce() throws Exception {
    HeldLoader holder = held("b");
    CompletableFuture<String> all = many(List.of("a", "b"), none -> Value.of(group.get("b")));
    begun.await();
    awaitWaiting(1);
    holder.interrupt();
    awaitWaiting(0);
    awaitPassed("b");
    go.countDown();
    assertThatThrownBy(() -> result(all))
        .isInstanceOf(LoadException.class)
        .hasMessage("load cycle: db/a -> db/b -> db/a");
  }

  @Test
  void aCircleOverALeaseThatHasComeMeanwhileFailsAtOnce() throws Exception {
    HeldLoader holder = held("x");
    CompletableFuture<String> all = many(List.of("a", "x"), none -> Value.of(group.get("y")));
    begun.await();
    holder.interrupt();
    awaitWaiting(0);
    awaitPassed("x");
    CompletableFuture<String> other =
        callers.call(
            () ->
                group
                    .get(
                        "y",
                        key -> {
                          nextBegun.countDown();
                          nextGo.await();
                          return Value.of(group.get("x"));
                        })
                    .toString());
    nextBegun.await();
    go.countDown();
    awaitWaiting(1);
    awaitLoaderWaits();
    nextGo.countDown();
    assertThatThrownBy(() -> result(other))
        .isInstanceOf(LoadException.class)
        .hasMessage("load cycle: db/y -> db/x -> db/a -> db/y");
    assertThatThrownBy(() -> result(all)).isInstanceOf(LoadException.class);
  }

  @Test
  void aLeaseThatComesToAKeyWhichTheLoaderWaitsForGoesBack() throws Exception {
    HeldLoader holder = held("b");
    CompletableFuture<String> all =
        many(List.of("a", "b"), none -> Value.of(group.get("b", key -> value("of the loader"))));
    begun.await();
    go.countDown();
    awaitWaiting(2);
    awaitLoaderWaits();
    holder.interrupt();
    assertThatThrownBy(() -> result(all))
        .isInstanceOf(LoadException.class)
        .hasMessage("load cycle: db/b -> db/a -> db/b");
    assertThat(group.get("a")).hasToString("a!");
    assertThat(group.get("b")).hasToString("of the loader");
  }
}
