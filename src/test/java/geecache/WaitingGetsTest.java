package geecache;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What gets cost while they wait, and what they take from others. */
@Timeout(60)
class WaitingGetsTest {
  private final Geecache node = new Geecache();
  private final GatedGetter source = new GatedGetter();
  private final Callers callers = new Callers();

  @AfterEach
  void close() {
    node.close();
    callers.close();
  }

  private GroupBuilder one() {
    return node.group("one").maxLoads(1);
  }

  private static LocalGroup.Asker node(@Nullable Duration left) {
    return new LocalGroup.Asker(7, left, 1, 0);
  }

  private static int waiting(Group group) {
    return group.engine.parts.waiterLimit().waiting();
  }

  @Test
  void aGetThatIsCancelledCostsNothingAnyMore() throws Exception {
    Group group = one().register(source);
    CompletableFuture<ByteView> patient = group.getAsync("Tom");
    GatedGetter.Call load = source.next();
    for (int i = 0; i < 1000; i++) {
      group.getAsync("Tom").cancel(false);
      group.answer("Tom").cancel(false);
    }
    assertThat(waiting(group)).isEqualTo(1);
    load.answer("630");
    assertThat(result(patient)).hasToString("630");
    assertThat(waiting(group)).isZero();
  }

  @Test
  void aGetThatItsCallerEndsCostsNothingAnyMore() throws Exception {
    Group group = one().register(source);
    CompletableFuture<ByteView> patient = group.getAsync("Tom");
    GatedGetter.Call load = source.next();
    group.getAsync("Tom").complete(ByteView.of("mine"));
    group.getAsync("Tom").completeExceptionally(new IllegalStateException("mine"));
    group.answer("Tom").completeExceptionally(new IllegalStateException("mine"));
    assertThat(waiting(group)).isEqualTo(1);
    group.getAsync("Tom").orTimeout(1, TimeUnit.MILLISECONDS);
    group.answer("Tom").completeOnTimeout(null, 1, TimeUnit.MILLISECONDS);
    await().until(() -> waiting(group) == 1);
    load.answer("630");
    assertThat(result(patient)).hasToString("630");
    assertThat(waiting(group)).isZero();
  }

  @Test
  void aGetThatIsAnsweredHoldsNoPlaceAnyMore() throws Exception {
    Group group = one().maxWaiters(1).register(source);
    CompletableFuture<Integer> seen =
        group.getAsync("Tom").handle((value, failure) -> waiting(group));
    source.next().answer("630");
    assertThat(result(seen)).isZero();
    seen = group.getAsync("Jack").handle((value, failure) -> waiting(group));
    source.next().fail(new IllegalStateException("no source"));
    assertThat(result(seen)).isZero();
  }

  @Test
  void aLoadThatWaitsForAPlaceIsNotRunOnceNoGetWaitsForIt() throws Exception {
    Group group = one().maxWaitingLoads(1).register(source);
    CompletableFuture<ByteView> running = group.getAsync("running");
    GatedGetter.Call load = source.next();
    CompletableFuture<ByteView> unwanted = group.getAsync("unwanted");
    assertThatThrownBy(() -> group.get("refused")).isInstanceOf(OverloadedException.class);
    unwanted.cancel(false);
    CompletableFuture<ByteView> wanted = group.getAsync("wanted");
    load.answer("1");
    result(running);
    source.next().answer("2");
    assertThat(result(wanted)).hasToString("2");
    assertThat(source.keys()).containsExactly("running", "wanted");
    GroupStats stats = group.stats();
    assertThat(stats.unwanted()).isEqualTo(1);
    assertThat(stats.gets()).isEqualTo(stats.loads() + stats.rejected() + stats.unwanted());
  }

  @Test
  void aGetThatComesAfterTheLastOneGaveUpHasALoadOfItsOwn() throws Exception {
    Group group = one().register(source);
    CompletableFuture<ByteView> running = group.getAsync("running");
    GatedGetter.Call load = source.next();
    group.getAsync("Tom").cancel(false);
    CompletableFuture<ByteView> again = group.getAsync("Tom");
    load.answer("1");
    result(running);
    source.next().answer("630");
    assertThat(result(again)).hasToString("630");
  }

  @Test
  void noMoreGetsWaitThanMay() throws Exception {
    Group group = one().maxWaiters(2).register(source);
    CompletableFuture<ByteView> first = group.getAsync("Tom");
    CompletableFuture<ByteView> second = group.getAsync("Tom");
    assertThatThrownBy(() -> group.get("Tom"))
        .isInstanceOf(OverloadedException.class)
        .hasMessage("overloaded: 2 gets of group one are waiting");
    assertThat(group.stats().rejected()).isEqualTo(1);
    source.next().answer("630");
    result(first);
    result(second);
    assertThat(group.get("Tom")).hasToString("630");
    CompletableFuture<ByteView> third = group.getAsync("Jack");
    source.next().answer("589");
    assertThat(result(third)).hasToString("589");
  }

  @Test
  void guestsTakeHalfOfThePlacesAtMost() throws Exception {
    Group group = one().maxWaitingLoads(7).register(source);
    List<CompletableFuture<CachedValue>> guests =
        IntStream.range(0, 10).mapToObj(i -> group.engine.getForGuest("guest" + i)).toList();
    assertThat(guests.stream().filter(CompletableFuture::isCompletedExceptionally)).hasSize(6);
    CompletableFuture<ByteView> other = group.getAsync("other");
    guests.forEach(guest -> guest.cancel(false));
    source.next().answer("x");
    source.next().answer("y");
    assertThat(result(other)).hasToString("y");
  }

  /** The peer is asked for as long as a get has time left, and not for as long as the first had. */
  @Test
  void aGetThatJoinsAnOldFetchFailsWithItsOwnDeadline() throws Exception {
    GatedPeer owner = new GatedPeer("http://owner");
    node.registerPeers(new FakePeers(owner));
    Group group = one().register(source);
    CompletableFuture<ByteView> first = group.getAsync("Tom");
    GatedPeer.Question old = owner.next();
    CompletableFuture<ByteView> late = group.getAsync("Tom");
    old.fail(LoadTimeoutException.stillLoading("gave up waiting"));
    owner.next().answer("630");
    assertThat(result(first)).hasToString("630");
    assertThat(result(late)).hasToString("630");
  }

  @Test
  void aFetchEndsWhenThePeerIsLateAndNoGetWaits() throws Exception {
    GatedPeer owner = new GatedPeer("http://owner");
    node.registerPeers(new FakePeers(owner));
    Group group = one().register(source);
    group.getAsync("Tom").cancel(false);
    owner.next().fail(LoadTimeoutException.stillLoading("gave up waiting"));
    CompletableFuture<ByteView> next = group.getAsync("Tom");
    owner.next().answer("630");
    assertThat(result(next)).hasToString("630");
    assertThat(owner.keys()).hasSize(2);
  }

  @Test
  void aGetWhoseTimeIsOverBeforeItsLoadHasAPlaceIsRefused() throws Exception {
    Group group = one().register(source);
    CompletableFuture<ByteView> running = group.getAsync("running");
    GatedGetter.Call load = source.next();
    assertThatThrownBy(() -> group.get("waiting", Duration.ofMillis(1)))
        .isInstanceOf(OverloadedException.class)
        .hasMessage(
            "overloaded: no place for a load of group one in time; 1 are running, and 0 waited"
                + " before it");
    assertThatThrownBy(() -> group.get("running", Duration.ofMillis(1)))
        .isInstanceOf(LoadTimeoutException.class);
    load.answer("1");
    assertThat(result(running)).hasToString("1");
    assertThat(source.keys()).containsExactly("running");
    GroupStats stats = group.stats();
    assertThat(stats.unwanted()).isEqualTo(1);
    assertThat(stats.gets()).isEqualTo(3);
    assertThat(stats.loads() + stats.loadsDeduplicated() + stats.unwanted()).isEqualTo(3);
    assertThat(stats.rejected()).isZero();
  }

  /** The node has a second to tell its callers. */
  @Test
  void aNodeIsToldInTimeThatThereIsNoPlace() throws Exception {
    HandTimer timer = new HandTimer();
    try (LoaderThreads loaders = new LoaderThreads(Executors.newCachedThreadPool(), timer)) {
      GroupEngine engine = engine(loaders);
      CompletableFuture<CachedValue> running = engine.get("running", node(Duration.ofSeconds(30)));
      GatedGetter.Call load = source.next();
      CompletableFuture<CachedValue> waiting = engine.get("waiting", node(Duration.ofSeconds(20)));
      assertThat(engine.isQueued(waiting)).isTrue();
      assertThat(engine.isQueued(running)).isFalse();
      timer.fire(Duration.ofSeconds(19));
      assertThatThrownBy(() -> result(waiting)).isInstanceOf(OverloadedException.class);
      timer.fire(Duration.ofSeconds(29));
      assertThat(running).isNotDone();
      load.answer("1");
      assertThat(result(running).value()).hasToString("1");
      assertThat(source.keys()).containsExactly("running");
    }
  }

  @Test
  void theGetOfAGuestThatIsToldToAskAgainWaitsForASecond() throws Exception {
    HandTimer timer = new HandTimer();
    try (LoaderThreads loaders = new LoaderThreads(Executors.newCachedThreadPool(), timer)) {
      GroupEngine engine = engine(loaders);
      CompletableFuture<CachedValue> running = engine.get("running");
      GatedGetter.Call load = source.next();
      CompletableFuture<CachedValue> guest = engine.getHereForGuest("waiting", node(null));
      engine.holdForGuest("waiting", 7, guest);
      assertThat(engine.getHereForGuest("waiting", node(null))).isSameAs(guest);
      engine.holdForGuest("waiting", 7, guest);
      assertThat(engine.parts.waiterLimit().waiting()).isEqualTo(2);
      timer.fire(Duration.ofSeconds(1));
      assertThat(guest).isCancelled();
      assertThat(engine.parts.waiterLimit().waiting()).isEqualTo(1);
      load.answer("1");
      result(running);
      assertThat(source.keys()).containsExactly("running");
    }
  }

  /** One load may run. */
  private GroupEngine engine(LoaderThreads loaders) {
    return new GroupEngine(
        "one", GatedLoads.settings(1, 4), source, NodeParts.of(Ticker.system(), loaders));
  }

  @Test
  void aGetWhoseTimeIsOverBeforeTheOwnerHasAPlaceIsRefused() throws Exception {
    GatedPeer owner = new GatedPeer("http://owner");
    node.registerPeers(new FakePeers(owner));
    Group group = one().register(source);
    CompletableFuture<ByteView> patient = group.getAsync("Tom");
    GatedPeer.Question question = owner.next();
    question.callers().noteQueued(true);
    assertThatThrownBy(() -> group.get("Tom", Duration.ofMillis(1)))
        .isInstanceOf(OverloadedException.class)
        .hasMessageMatching(
            "overloaded: one/Tom has waited for its turn at the node that owns the key for \\d+ ms");
    question.callers().noteQueued(false);
    assertThatThrownBy(() -> group.get("Tom", Duration.ofMillis(1)))
        .isInstanceOf(LoadTimeoutException.class);
    question.answer("630");
    assertThat(result(patient)).hasToString("630");
  }

  @Test
  void aPeerIsToldHowLongTheMostPatientCallerWaits() throws Exception {
    GatedPeer owner = new GatedPeer("http://owner");
    node.registerPeers(new FakePeers(owner));
    Group group = one().register(source);
    CompletableFuture<ByteView> first = group.getAsync("Tom");
    GatedPeer.Question question = owner.next();
    assertThat(question.callers().left()).isBetween(Duration.ZERO, group.waitTimeout());
    CompletableFuture<ByteView> patient = callers.call(() -> group.get("Tom", Duration.ofHours(1)));
    await().until(() -> question.callers().left().toMinutes() >= 50);
    question.answer("630");
    assertThat(result(first)).hasToString("630");
    assertThat(result(patient)).hasToString("630");
  }

  /**
   * It has 16 questions under way, and asks more once half of them are answered: so it waits for 9
   * at least.
   */
  @Test
  void getAllAsksForNoMoreKeysThanItsOwnersCanLoad() throws Exception {
    GatedPeer owner = new GatedPeer("http://owner");
    node.registerPeers(new FakePeers(owner));
    Group group = node.group("many").maxLoads(8).maxWaitingLoads(8).register(source);
    List<String> keys = IntStream.range(0, 500).mapToObj(i -> "k" + i).toList();
    CompletableFuture<Integer> all = callers.call(() -> group.getAll(keys).size());
    List<GatedPeer.Question> asked = new ArrayList<>();
    int most = 0;
    for (int answered = 0; answered < keys.size(); answered++) {
      asked.add(owner.next());
      most = Math.max(most, owner.keys().size() - answered);
      if (asked.size() == 9 || answered > 400) {
        asked.forEach(question -> question.answer("x"));
        asked.clear();
      }
    }
    asked.forEach(question -> question.answer("x"));
    assertThat(result(all)).isEqualTo(500);
    assertThat(most).isLessThanOrEqualTo(32);
  }

  /** As many chains as places: each holds a place here, and needs one on the other node. */
  @Test
  void gettersThatGetKeysOfEachOthersNodesDoNotStandStill() throws Exception {
    int chains = 8;
    CountDownLatch all = new CountDownLatch(chains);
    AtomicInteger failed = new AtomicInteger();
    try (Geecache other = new Geecache()) {
      Group[] groups = new Group[2];
      groups[0] =
          node.group("g")
              .maxLoads(chains)
              .waitTimeout(Duration.ofSeconds(20))
              .register(
                  key -> {
                    if (!key.startsWith("x")) {
                      return key.getBytes(UTF_8);
                    }
                    all.countDown();
                    all.await();
                    return groups[0].get("y" + key.substring(1)).toByteArray();
                  });
      groups[1] =
          other
              .group("g")
              .maxLoads(chains)
              .waitTimeout(Duration.ofSeconds(20))
              .register(
                  key ->
                      key.startsWith("y")
                          ? groups[1].get("z" + key.substring(1)).toByteArray()
                          : key.getBytes(UTF_8));
      node.registerPeers(owning("y", groups[1]));
      other.registerPeers(owning("z", groups[0]));
      List<CompletableFuture<ByteView>> gets =
          IntStream.range(0, chains).mapToObj(i -> groups[0].getAsync("x" + i)).toList();
      for (CompletableFuture<ByteView> get : gets) {
        if (!result(get).toString().startsWith("z")) {
          failed.incrementAndGet();
        }
      }
    }
    assertThat(failed).hasValue(0);
  }

  /** A cluster in which {@code there} owns the keys that begin with {@code prefix}. */
  private static Cluster owning(String prefix, Group there) {
    FakePeers peers =
        new FakePeers(
            new FuturePeer() {
              @Override
              public String url() {
                return "http://other";
              }

              @Override
              public CompletableFuture<PeerValue> get(
                  LocalGroup group, String key, Question asked) {
                return there
                    .engine
                    .get(key)
                    .thenApply(v -> new PeerValue(v.value(), null, null, false, null));
              }
            });
    peers.show(key -> !key.startsWith(prefix));
    return peers;
  }

  /** One load may run: the next one begins while the first waits for another key. */
  @Test
  void aLoadThatWaitsForAnotherKeyGivesItsPlaceToTheNext() throws Exception {
    GatedPeer owner = new GatedPeer("http://owner");
    Group[] group = new Group[1];
    group[0] =
        one()
            .register(
                key ->
                    key.equals("own1") ? group[0].get("Tom").toByteArray() : key.getBytes(UTF_8));
    node.registerPeers(new FakePeers(owner));
    CompletableFuture<ByteView> first = group[0].getAsync("own1");
    GatedPeer.Question question = owner.next();
    assertThat(group[0].get("own2")).hasToString("own2");
    question.answer("630");
    assertThat(result(first)).hasToString("630");
    await().until(() -> waiting(group[0]) == 0);
  }

  /** One load waits for another key without a place; the next keeps its place, and none is left. */
  @Test
  void noMoreLoadsWaitForOtherKeysThanMayWait() throws Exception {
    GatedPeer owner = new GatedPeer("http://owner");
    Group[] group = new Group[1];
    group[0] =
        one()
            .maxWaitingLoads(1)
            .register(
                key ->
                    key.startsWith("own-for-")
                        ? group[0].get(key.substring(8)).toByteArray()
                        : key.getBytes(UTF_8));
    node.registerPeers(new FakePeers(owner));
    CompletableFuture<ByteView> first = group[0].getAsync("own-for-Tom");
    GatedPeer.Question tom = owner.next();
    CompletableFuture<ByteView> second = group[0].getAsync("own-for-Jack");
    GatedPeer.Question jack = owner.next();
    CompletableFuture<ByteView> waiting = group[0].getAsync("own1");
    assertThatThrownBy(() -> group[0].get("own2")).isInstanceOf(OverloadedException.class);
    tom.answer("630");
    jack.answer("589");
    assertThat(result(first)).hasToString("630");
    assertThat(result(second)).hasToString("589");
    assertThat(result(waiting)).hasToString("own1");
    assertThat(group[0].get("own2")).hasToString("own2");
  }

  /** A get of a node finds the load while a change has raised its fence and not detached it yet. */
  @Test
  void aGetThatJoinsALoadWhileAChangeVoidsItIsNotHeld() throws Exception {
    FakePeers peers = new FakePeers(new GatedPeer("http://owner"));
    node.registerPeers(peers);
    Group group = one().register(source);
    LocalGroup local = group.engine;
    CompletableFuture<ByteView> first = group.getAsync("own");
    GatedGetter.Call load = source.next();
    peers.afterNextOwns(() -> local.hold("own", 7, local.get("own", node(null))));
    local.set("own", ByteView.of("new"), null, new Stamp(1, 0));
    load.answer("old");
    assertThat(result(first)).hasToString("old");
    await().until(() -> waiting(group) == 0);
    assertThat(result(local.get("own", node(null))).value()).hasToString("new");
  }
}
