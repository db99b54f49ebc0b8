package geecache;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.codec.Codec;
import geecache.codec.KeyCodec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Gets of many keys whose caller can load them, on one node. */
@Timeout(60)
class ManyLoaderGetsTest {
  private final Geecache node = new Geecache();

  /** No lease passes on because its time is over. */
  private final Group group = node.group("db").leaseTimeout(Duration.ofMinutes(5)).register();

  private final Callers callers = new Callers();
  private final List<HeldLoader> holders = new ArrayList<>();

  /** The key before whose turn the caller on this thread waits for another one. */
  private final ThreadLocal<String> second = new ThreadLocal<>();

  /** The keys of each call of {@link #load}. */
  private final List<List<String>> calls = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    holders.forEach(HeldLoader::letGo);
    node.close();
    callers.close();
  }

  private static Value value(String text) {
    return Value.of(ByteView.of(text));
  }

  private Map<String, Value> load(Set<String> keys) {
    calls.add(List.copyOf(keys));
    Map<String, Value> all = new HashMap<>();
    keys.forEach(key -> all.put(key, value(key + "!")));
    return all;
  }

  private HeldLoader held(String key) throws InterruptedException {
    HeldLoader made = new HeldLoader(callers, group, key, new AtomicInteger(), "of holder", null);
    holders.add(made);
    return made;
  }

  private CompletableFuture<String> many(Collection<String> keys) {
    return callers.call(() -> group.getAll(keys, this::load).toString());
  }

  private void awaitWaiting(int gets) {
    await().until(() -> group.stats().getsWaiting() == gets);
  }

  @Test
  void whatNobodyHasIsLoadedByOneCallOnTheCallersThread() throws Exception {
    group.set("in memory", ByteView.of("1"), null);
    List<Thread> threads = new ArrayList<>();
    Map<String, ByteView> values =
        group.getAll(
            List.of("b", "in memory", "a", "b", "absent"),
            keys -> {
              threads.add(Thread.currentThread());
              Map<String, Value> found = load(keys);
              found.remove("absent");
              return found;
            });
    assertThat(values).hasToString("{b=b!, in memory=1, a=a!}");
    assertThat(values.keySet()).containsExactly("b", "in memory", "a");
    assertThat(threads).containsExactly(Thread.currentThread());
    assertThat(calls).containsExactly(List.of("b", "a", "absent"));
    assertThat(group.get("a")).hasToString("a!");
    GroupStats stats = group.stats();
    assertThat(stats.leaseLoads()).isEqualTo(3);
    assertThat(stats.absent()).isOne();
    assertThat(stats.gets()).isEqualTo(stats.mainHits() + stats.leases()).isEqualTo(5);
    assertThat(stats.getsWaiting()).isZero();
  }

  @Test
  void manyCallersAtOnceLoadEachKeyOnce() throws Exception {
    List<String> keys = IntStream.range(0, 200).mapToObj(i -> "key" + i).toList();
    CyclicBarrier start = new CyclicBarrier(8);
    List<CompletableFuture<String>> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      List<String> mine = new ArrayList<>(keys.subList(i * 20, keys.size()));
      mine.addAll(keys.subList(0, i * 20));
      all.add(
          callers.call(
              () -> {
                start.await();
                return group.getAll(mine, this::load).size() + " keys";
              }));
    }
    for (CompletableFuture<String> each : all) {
      assertThat(result(each)).isEqualTo("200 keys");
    }
    assertThat(calls.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(keys);
    assertThat(group.stats().getsWaiting()).isZero();
  }

  @Test
  void itRunsItsOwnLeasesBeforeItWaitsForOthers() throws Exception {
    HeldLoader holder = held("a");
    CompletableFuture<String> all = many(List.of("a", "b", "c"));
    await().until(() -> !calls.isEmpty());
    awaitWaiting(1);
    assertThat(calls).containsExactly(List.of("b", "c"));
    await().until(() -> group.getIfPresent("b").isPresent());
    assertThat(all).isNotDone();
    holder.letGo();
    assertThat(result(all)).isEqualTo("{a=of holder, b=b!, c=c!}");
    assertThat(calls).hasSize(1);
  }

  /**
   * Interleaving: one caller takes the lease of a, the other that of b; then each finds that the
   * other loads the key which it lacks.
   */
  @Test
  void crossingSetsOfKeysDoNotWaitForEachOther() throws Exception {
    CyclicBarrier bothHaveOne = new CyclicBarrier(2);
    node.registerPeers(
        new FakePeers(new GatedPeer("http://nobody")) {
          @Override
          public @Nullable Peer pick(String key) {
            if (second.get() != null && second.get().equals(key)) {
              meet(bothHaveOne);
            }
            return super.pick(key);
          }
        });
    CyclicBarrier bothLoad = new CyclicBarrier(2);
    List<CompletableFuture<String>> all = new ArrayList<>();
    for (List<String> keys : List.of(List.of("own a", "own b"), List.of("own b", "own a"))) {
      all.add(
          callers.call(
              () -> {
                second.set(keys.get(1));
                BulkLoader<Exception> loader =
                    mine -> {
                      second.remove();
                      bothLoad.await();
                      return load(mine);
                    };
                return group.getAll(keys, loader).toString();
              }));
    }
    assertThat(result(all.get(0))).isEqualTo("{own a=own a!, own b=own b!}");
    assertThat(result(all.get(1))).isEqualTo("{own b=own b!, own a=own a!}");
    assertThat(calls).containsExactlyInAnyOrder(List.of("own a"), List.of("own b"));
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (InterruptedException | BrokenBarrierException broken) {
      throw new AssertionError(broken);
    }
  }

  /**
   * Interleaving: two callers wait for the keys x and y, in either order, each of which a third one
   * loads. Both of these break: the lease of x passes to the one, and that of y to the other. Each
   * runs its own at once, even if it waits for the other key too.
   */
  @Test
  void leasesThatPassToBothWhileTheyWaitRunAtOnce() throws Exception {
    HeldLoader x = held("x");
    HeldLoader y = held("y");
    CompletableFuture<String> one = many(List.of("x", "a"));
    await().until(() -> calls.contains(List.of("a")));
    CompletableFuture<String> other = many(List.of("y", "b", "x"));
    await().until(() -> calls.contains(List.of("b")));
    CompletableFuture<String> third = many(List.of("c", "x", "y"));
    await().until(() -> calls.contains(List.of("c")));
    awaitWaiting(5);
    x.interrupt();
    assertThat(result(one)).isEqualTo("{x=x!, a=a!}");
    assertThat(other).isNotDone();
    y.interrupt();
    assertThat(result(other)).isEqualTo("{y=y!, b=b!, x=x!}");
    assertThat(result(third)).isEqualTo("{c=c!, x=x!, y=y!}");
    assertThat(calls)
        .containsExactly(List.of("a"), List.of("b"), List.of("c"), List.of("x"), List.of("y"));
  }

  @Test
  void theCallerGetsTheVeryExceptionAndAllItsKeysFailForOthers() throws Exception {
    IOException failure = new IOException("secret words");
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CompletableFuture<String> holder =
        callers.call(
            () ->
                group
                    .getAll(
                        List.of("a", "b"),
                        keys -> {
                          begun.countDown();
                          go.await();
                          throw failure;
                        })
                    .toString());
    begun.await();
    CompletableFuture<String> one = callers.call(() -> group.get("a").toString());
    awaitWaiting(1);
    CompletableFuture<String> both = many(List.of("c", "b"));
    await().until(() -> calls.contains(List.of("c")));
    awaitWaiting(2);
    go.countDown();
    assertThatThrownBy(() -> result(holder)).isSameAs(failure);
    for (CompletableFuture<String> other : List.of(one, both)) {
      assertThatThrownBy(() -> result(other))
          .isInstanceOf(LoadException.class)
          .hasMessageNotContaining("secret");
    }
    assertThat(group.get("c")).hasToString("c!");
    assertThat(group.stats().loadFailures()).isEqualTo(2);
    assertThat(group.stats().getsWaiting()).isZero();
  }

  @Test
  void anAbsentKeyThatTheLoaderAskedForSaysNothingOfThoseThatItLoads() throws Exception {
    for (List<String> keys : List.of(List.of("a", "b"), List.of("c"))) {
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch go = new CountDownLatch(1);
      CompletableFuture<String> holder =
          callers.call(
              () ->
                  group
                      .getAll(
                          keys,
                          mine -> {
                            begun.countDown();
                            go.await();
                            throw new KeyNotFoundException("no row for another key");
                          })
                      .toString());
      begun.await();
      CompletableFuture<String> other = callers.call(() -> group.get(keys.get(0)).toString());
      awaitWaiting(1);
      go.countDown();
      assertThatThrownBy(() -> result(holder))
          .isInstanceOf(KeyNotFoundException.class)
          .hasMessage("no row for another key");
      assertThatThrownBy(() -> result(other))
          .isInstanceOf(LoadException.class)
          .hasMessageNotContaining("another key");
    }
    assertThat(group.stats().absent()).isZero();
    assertThat(group.stats().loadFailures()).isEqualTo(3);
  }

  @Test
  void anInterruptOfTheHolderPassesItsLeasesOn() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<String> holder =
        callers.call(
            () ->
                group
                    .getAll(
                        List.of("a", "b"),
                        keys -> {
                          begun.countDown();
                          new CountDownLatch(1).await();
                          return Map.of();
                        })
                    .toString());
    Thread thread = callers.last();
    begun.await();
    CompletableFuture<String> next = many(List.of("b", "a"));
    awaitWaiting(2);
    thread.interrupt();
    assertThat(result(next)).isEqualTo("{b=b!, a=a!}");
    assertThatThrownBy(() -> result(holder)).isInstanceOf(InterruptedException.class);
    assertThat(calls.stream().flatMap(List::stream)).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void anInterruptWhileItWaitsForOthersEndsTheWaitOfItsCallerAlone() throws Exception {
    HeldLoader holder = held("a");
    CompletableFuture<String> waits = many(List.of("a", "b"));
    Thread thread = callers.last();
    CompletableFuture<String> other = many(List.of("a"));
    awaitWaiting(2);
    thread.interrupt();
    assertThatThrownBy(() -> result(waits))
        .isInstanceOf(LoadTimeoutException.class)
        .hasMessageContaining("interrupted");
    awaitWaiting(1);
    holder.letGo();
    assertThat(result(other)).isEqualTo("{a=of holder}");
  }

  @Test
  void aCallerWhoseTimeEndsLeaves() throws Exception {
    Group hasty = node.group("hasty").waitTimeout(Duration.ofMillis(200)).register();
    HeldLoader holder = new HeldLoader(callers, hasty, "a", new AtomicInteger(), "of holder", null);
    holders.add(holder);
    assertThatThrownBy(() -> hasty.getAll(List.of("a", "b"), this::load))
        .isInstanceOf(LoadTimeoutException.class)
        .hasMessageContaining("hasty/a");
    assertThat(hasty.get("b")).hasToString("b!");
    assertThat(hasty.stats().getsWaiting()).isZero();
  }

  @Test
  void aRemovalVoidsTheLeaseOfItsKeyAlone() throws Exception {
    Map<String, ByteView> values =
        group.getAll(
            List.of("a", "b"),
            keys -> {
              Map<String, Value> found = load(keys);
              group.remove("a");
              return found;
            });
    assertThat(values).hasToString("{a=a!, b=b!}");
    assertThat(group.getIfPresent("a")).isEmpty();
    assertThat(group.getIfPresent("b")).isPresent();
  }

  @Test
  void aResultThatIsOfNoUseFailsNamedAndNothingIsStored() {
    Map<String, Value> withNull = new HashMap<>();
    withNull.put("a", value("1"));
    withNull.put("b", null);
    Map<BulkLoader<RuntimeException>, String> bad =
        Map.of(
            keys -> null,
            "the loader returned null, in group db",
            keys -> withNull,
            "the loader returned null for a key, in group db",
            keys -> Map.of("a", value("1"), "other", value("2")),
            "the loader returned a key that it was not asked for, in group db");
    bad.forEach(
        (loader, message) ->
            assertThatThrownBy(() -> group.getAll(List.of("a", "b"), loader))
                .isInstanceOf(LoadException.class)
                .hasMessage(message));
    assertThat(group.getIfPresent("a")).isEmpty();
    assertThat(group.getIfPresent("other")).isEmpty();
    assertThat(group.stats().loadFailures()).isEqualTo(6);
  }

  @Test
  void aLoaderThatGetsOneOfItsKeysFailsAtOnce() {
    List<BulkLoader<CacheException>> bad =
        List.of(
            keys -> Map.of("a", Value.of(group.get("b"))),
            keys -> Map.of("a", Value.of(group.get("b", key -> value("x")))),
            keys -> {
              group.getAll(List.of("c", "b"), this::load);
              return Map.of();
            },
            keys -> {
              group.getAll(List.of("b"), this::load);
              return Map.of();
            });
    for (BulkLoader<CacheException> loader : bad) {
      assertThatThrownBy(() -> group.getAll(List.of("a", "b"), loader))
          .isInstanceOf(LoadException.class)
          .hasMessage("load cycle: db/a -> db/b -> db/a");
    }
  }

  @Test
  void aLoaderMayGetOtherKeys() throws Exception {
    Map<String, ByteView> values =
        group.getAll(
            List.of("a", "b"),
            keys -> {
              assertThat(group.getAll(List.of("c", "d"), this::load)).hasSize(2);
              return load(keys);
            });
    assertThat(values).hasToString("{a=a!, b=b!}");
    assertThat(calls).containsExactly(List.of("c", "d"), List.of("a", "b"));
  }

  @Test
  void onALoaderThreadKeysAreLoadedOneAfterTheOther() throws Exception {
    Group outer =
        node.group("outer")
            .maxLoads(1)
            .register(
                key -> group.getAll(List.of("a", "b"), this::load).toString().getBytes(UTF_8));
    assertThat(outer.get("Tom")).hasToString("{a=a!, b=b!}");
    assertThat(calls).containsExactly(List.of("a"), List.of("b"));
  }

  @Test
  void aValueThatIsTooLargeIsServedToItsCallerAndToNobodyElse() throws Exception {
    Group small = node.group("small").maxValueBytes(3).register();
    Map<String, ByteView> values =
        small.getAll(List.of("a", "b"), keys -> Map.of("a", value("large"), "b", value("fit")));
    assertThat(values).hasToString("{a=large, b=fit}");
    assertThat(small.stats().tooLarge()).isOne();
    assertThat(small.getIfPresent("a")).isEmpty();
    assertThat(small.getIfPresent("b")).isPresent();
  }

  @Test
  void whatATransactionThatHasWrittenLoadsIsForItsCallerAlone() throws Exception {
    node.transactionAge(now -> Optional.empty());
    assertThat(group.getAll(List.of("a", "b"), this::load)).hasToString("{a=a!, b=b!}");
    assertThat(group.getIfPresent("a")).isEmpty();
    assertThat(group.stats().leasesRefused()).isEqualTo(2);
  }

  @Test
  void moreKeysThanOneQuestionTakesAreGotInTurns() throws Exception {
    List<String> keys = IntStream.range(0, 2_500).mapToObj(i -> "key" + i).toList();
    Map<String, ByteView> values = group.getAll(keys, this::load);
    assertThat(values.keySet()).containsExactlyElementsOf(keys);
    assertThat(calls.stream().map(List::size)).containsExactly(1_024, 1_024, 452);
  }

  @Test
  void whenTooManyGetsWaitNoLeaseStaysBehind() throws Exception {
    Group full = node.group("full").maxWaiters(3).register();
    assertThatThrownBy(() -> full.getAll(List.of("a", "b", "c", "d", "e"), this::load))
        .isInstanceOf(OverloadedException.class);
    assertThat(calls).isEmpty();
    assertThat(full.stats().getsWaiting()).isZero();
    assertThat(full.getAll(List.of("a", "b"), this::load)).hasSize(2);
  }

  @Test
  void itWaitsForNoKeyOfWhichThePeerSaysThatItIsBeingLoaded() throws Exception {
    GatedPeer owner = new GatedPeer("http://owner");
    node.registerPeers(new FakePeers(owner));
    CompletableFuture<String> all = many(List.of("own a", "far", "own b"));
    GatedPeer.Question question = owner.next();
    assertThat(calls).isEmpty();
    question.callers().noteLoading();
    await().until(() -> !calls.isEmpty());
    assertThat(all).isNotDone();
    question.answer("1");
    assertThat(result(all)).isEqualTo("{own a=own a!, far=1, own b=own b!}");
    assertThat(calls).containsExactly(List.of("own a", "own b"));
  }

  @Test
  void ownersAreToldOfAllValuesBeforeItWaitsForTheirWords() throws Exception {
    GatedPeer owner = new GatedPeer("http://owner");
    try (Geecache steered = SteeredNode.of(new HandTimer())) { // It waits for those words.
      steered.registerPeers(new FakePeers(owner));
      Group patient = steered.group("db").register();
      CompletableFuture<String> all =
          callers.call(() -> patient.getAll(List.of("x", "y"), this::load).toString());
      CompletableFuture<LeaseEnd.Taken> word = new CompletableFuture<>();
      AtomicInteger told = new AtomicInteger();
      for (int i = 0; i < 2; i++) {
        owner
            .next()
            .callers()
            .lease(
                end -> {
                  told.addAndGet(end.value() == null ? 0 : 1);
                  return word;
                });
      }
      await().until(() -> told.get() == 2);
      assertThat(all).isNotDone();
      word.complete(LeaseEnd.Taken.LANDED);
      assertThat(result(all)).isEqualTo("{x=x!, y=y!}");
      assertThat(calls).containsExactly(List.of("x", "y"));
      assertThat(patient.stats().leasesRefused()).isZero();
    }
  }

  @Test
  void anOwnerKnowsThatAValueIsTooLargeWhenItsCallerHasIt() throws Exception {
    GatedPeer owner = new GatedPeer("http://owner");
    try (Geecache steered = SteeredNode.of(new HandTimer())) { // It waits for that word.
      steered.registerPeers(new FakePeers(owner));
      Group small = steered.group("db").maxValueBytes(1).register();
      CompletableFuture<String> all =
          callers.call(() -> small.getAll(List.of("x"), this::load).toString());
      CompletableFuture<LeaseEnd.Taken> word = new CompletableFuture<>();
      CompletableFuture<LeaseEnd> told = new CompletableFuture<>();
      GatedPeer.Question question = owner.next();
      question
          .callers()
          .lease(
              end -> {
                told.complete(end);
                return word;
              });
      assertThat(result(told).failure()).hasMessageContaining("too large");
      await().until(() -> small.stats().getsWaiting() == 0);
      assertThat(all).isNotDone();
      word.complete(LeaseEnd.Taken.LANDED);
      assertThat(result(all)).isEqualTo("{x=x!}");
    }
  }

  @Test
  void whatAPeerWithoutLeasesDoesNotHaveIsLoadedHereByOneCall() throws Exception {
    FuturePeer former =
        new FuturePeer() {
          @Override
          public String url() {
            return "http://former";
          }

          @Override
          public CompletableFuture<PeerValue> get(
              LocalGroup asked, String key, Peer.Question question) {
            return CompletableFuture.failedFuture(new KeyNotFoundException("no such key"));
          }
        };
    node.registerPeers(new FakePeers(former));
    assertThat(group.getAll(List.of("x", "own a", "y"), this::load))
        .hasToString("{x=x!, own a=own a!, y=y!}");
    assertThat(calls).hasSize(1);
    assertThat(calls.get(0)).containsExactlyInAnyOrder("x", "own a", "y");
  }

  @Test
  void keysThatAGetterLoadsAreWaitedFor() throws Exception {
    GatedGetter source = new GatedGetter();
    Group withGetter = node.group("getter").register(source);
    CompletableFuture<ByteView> plain = withGetter.getAsync("a");
    GatedGetter.Call call = source.next();
    CompletableFuture<String> all =
        callers.call(() -> withGetter.getAll(List.of("a", "b"), this::load).toString());
    await().until(() -> !calls.isEmpty());
    call.answer("of getter");
    assertThat(result(all)).isEqualTo("{a=of getter, b=b!}");
    assertThat(result(plain)).hasToString("of getter");
    assertThat(calls).containsExactly(List.of("b"));
  }

  @Test
  void typedGroupsLoadTheSameWay() {
    Cached<Long, String> names =
        node.group("names").typed(KeyCodec.longs(), Codec.text()).register();
    assertThat(
            names.getAll(
                List.of(7L, 8L, 9L),
                keys -> {
                  assertThat(keys).containsExactly(7L, 8L, 9L);
                  return Map.of(7L, "Tom", 9L, "Sam");
                }))
        .hasToString("{7=Tom, 9=Sam}");
    assertThat(names.get(7L)).isEqualTo("Tom");
    IOException failure = new IOException("source");
    assertThatThrownBy(
            () ->
                names.getAll(
                    List.of(1L),
                    keys -> {
                      throw failure;
                    }))
        .isSameAs(failure);
    assertThatThrownBy(() -> names.getAll(List.of(1L), keys -> null))
        .isInstanceOf(Unchecked.LoadException.class)
        .hasMessageContaining("returned null");
    assertThatThrownBy(() -> names.getAll(List.of(1L), keys -> Map.of(2L, "Jack")))
        .isInstanceOf(Unchecked.LoadException.class)
        .hasMessageContaining("not asked for");
  }

  @Test
  void typedBytesThatTheCodecCannotReadAreLoadedAnew() throws Exception {
    Cached<Long, Integer> counts =
        node.group("counts")
            .typed(
                KeyCodec.longs(),
                Codec.of(
                    number -> Integer.toString(number).getBytes(UTF_8),
                    bytes -> Integer.parseInt(new String(bytes, UTF_8)),
                    "text/plain"))
            .register();
    counts.group().set("7", ByteView.of("no number"), null);
    assertThatThrownBy(
            () ->
                counts.getAll(
                    List.of(7L),
                    keys -> {
                      throw new KeyNotFoundException("no row for another key");
                    }))
        .isInstanceOf(Unchecked.KeyNotFoundException.class)
        .hasMessage("no row for another key");
    counts.group().set("7", ByteView.of("no number"), null);
    assertThat(counts.getAll(List.of(7L, 8L), keys -> Map.of(keys.iterator().next(), 42)))
        .hasToString("{7=42, 8=42}");
  }
}
