package geecache;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What was owned by another node until lately is asked of it before the source. */
class PeekTest {
  private final FakeTicker ticker = new FakeTicker();
  private final Geecache node = new Geecache(ticker, 1);
  private final Map<String, CompletableFuture<@Nullable PeerValue>> peeks =
      new ConcurrentHashMap<>();
  private final AtomicBoolean broken = new AtomicBoolean();
  private final AtomicInteger version = new AtomicInteger(1);
  private final AtomicInteger loads = new AtomicInteger();

  private final Cluster peers =
      new FakePeers(new GatedPeer("http://owner")) {
        @Override
        public @Nullable CompletableFuture<@Nullable PeerValue> peek(LocalGroup group, String key) {
          if (broken.get()) {
            throw new IllegalStateException("broken, says a test");
          }
          return peeks.computeIfAbsent(key, k -> new CompletableFuture<>());
        }
      };

  @BeforeEach
  void join() {
    node.registerPeers(peers);
  }

  @AfterEach
  void close() {
    node.close();
  }

  private byte[] load(String key) {
    loads.incrementAndGet();
    return ("v" + version.get()).getBytes(UTF_8);
  }

  private Group group() {
    return node.group("g").register(this::load);
  }

  private static PeerValue value(String text) {
    return new PeerValue(ByteView.of(text), null, null, false, null);
  }

  private static PeerValue value(String text, long age, long life) {
    return new PeerValue(
        ByteView.of(text), Duration.ofSeconds(age), Duration.ofSeconds(life), false, null);
  }

  @Test
  void whatTheFormerOwnerHasIsNotLoaded() throws Exception {
    Group group = group();
    CompletableFuture<CachedValue> first = group.answer("own");
    CompletableFuture<CachedValue> second = group.answer("own");
    assertThat(first).isNotDone();
    peeks.get("own").complete(value("v1"));
    assertThat(result(first).value()).hasToString("v1");
    assertThat(result(first).origin()).isEqualTo(CachedValue.Origin.PEER);
    assertThat(result(second).collapsed()).isTrue();
    assertThat(group.get("own")).hasToString("v1");
    assertThat(loads).hasValue(0);
    GroupStats stats = group.stats();
    assertThat(List.of(stats.peeks(), stats.peekHits())).containsExactly(1L, 1L);
    assertThat(stats.gets())
        .isEqualTo(stats.mainHits() + stats.peekHits() + stats.loadsDeduplicated());
  }

  @Test
  void whatItDoesNotHaveIsLoaded() throws Exception {
    Group group = group();
    CompletableFuture<ByteView> get = group.getAsync("own");
    peeks.get("own").complete(null);
    assertThat(result(get)).hasToString("v1");
    assertThat(loads).hasValue(1);
    assertThat(group.stats().peekHits()).isZero();
  }

  @Test
  void aQuestionThatFailsIsFollowedByALoad() throws Exception {
    Group group = group();
    CompletableFuture<ByteView> get = group.getAsync("own");
    peeks.get("own").completeExceptionally(new IllegalStateException("gone"));
    assertThat(result(get)).hasToString("v1");
  }

  /** A cluster may throw. */
  @Test
  void aPickerThatThrowsIsFollowedByALoad() throws Exception {
    Group group = group();
    broken.set(true);
    assertThat(result(group.getAsync("own"))).hasToString("v1");
  }

  @ParameterizedTest
  @EnumSource(GroupBuilder.Store.class)
  void whatRemainsOfItsLifeIsKept(GroupBuilder.Store store) throws Exception {
    Group group = node.group("g").store(store).timeToLive(Duration.ofHours(1)).register(this::load);
    CompletableFuture<ByteView> get = group.getAsync("own");
    peeks.get("own").complete(value("old", 7, 3));
    assertThat(result(get)).hasToString("old");
    CachedValue hit = result(group.answer("own"));
    assertThat(hit.age()).isEqualTo(Duration.ofSeconds(7));
    assertThat(hit.timeToLive()).isEqualTo(Duration.ofSeconds(3));
    ticker.advance(Duration.ofSeconds(3));
    peeks.put("own", CompletableFuture.completedFuture(null));
    assertThat(group.get("own")).hasToString("v1");
  }

  @Test
  void whatIsStaleOrPastItsEndIsNotTaken() throws Exception {
    Group group = group();
    peeks.put("own1", CompletableFuture.completedFuture(value("old", 7, 0)));
    peeks.put(
        "own2",
        CompletableFuture.completedFuture(
            new PeerValue(ByteView.of("old"), Duration.ZERO, Duration.ofSeconds(9), true, null)));
    assertThat(group.get("own1")).hasToString("v1");
    assertThat(group.get("own2")).hasToString("v1");
  }

  /** The former owner answers, the key is removed, and then the answer comes. */
  @Test
  void aRemovalBetweenAPeekAndItsAnswerIsNotUndone() throws Exception {
    Group group = group();
    CompletableFuture<ByteView> before = group.getAsync("own");
    CompletableFuture<@Nullable PeerValue> peek = peeks.remove("own");
    version.set(2);
    group.remove("own");
    peeks.put("own", CompletableFuture.completedFuture(null));
    peek.complete(value("v1"));
    result(before);
    assertThat(group.get("own")).hasToString("v2");
    assertThat(group.stats().loads()).isEqualTo(1);
  }

  @Test
  void aClearingBetweenAPeekAndItsAnswerIsNotUndone() throws Exception {
    Group group = group();
    CompletableFuture<ByteView> before = group.getAsync("own");
    CompletableFuture<@Nullable PeerValue> peek = peeks.remove("own");
    version.set(2);
    group.clear();
    peeks.put("own", CompletableFuture.completedFuture(null));
    peek.complete(value("v1"));
    result(before);
    assertThat(group.get("own")).hasToString("v2");
  }

  /** A node with one loader thread. */
  @Test
  void aGetterWaitsForAPeekOnItsOwnThread() throws Exception {
    Group inner = group();
    Group outer = node.group("outer").register(key -> inner.get("own").toByteArray());
    peeks.put("own of outer", CompletableFuture.completedFuture(null));
    CompletableFuture<ByteView> get = outer.getAsync("own of outer");
    await().until(() -> peeks.containsKey("own")); // The getter has asked, not this thread.
    CompletableFuture<@Nullable PeerValue> peek = peeks.get("own");
    CompletableFuture<ByteView> other = inner.getAsync("own");
    peek.complete(value("v7"));
    assertThat(result(get)).hasToString("v7");
    assertThat(result(other)).hasToString("v7");
    assertThat(loads).hasValue(0);
  }

  @Test
  void aRefreshAsksTheSource() throws Exception {
    Group group =
        node.group("g")
            .timeToLive(Duration.ofSeconds(10))
            .refreshAhead(Duration.ofSeconds(5))
            .register(this::load);
    peeks.put("own", CompletableFuture.completedFuture(value("v0", 9, 1)));
    group.get("own");
    group.get("own");
    await().until(() -> group.stats().refreshes() == 1);
    assertThat(group.stats().peeks()).isEqualTo(1);
  }

  // What a leaving node hands over.

  private boolean take(Group group, String key, PeerValue given) {
    return group.engine.accept(key, given, () -> true);
  }

  @ParameterizedTest
  @EnumSource(GroupBuilder.Store.class)
  void whatIsHandedOverIsKeptWithTheRestOfItsLife(GroupBuilder.Store store) throws Exception {
    Group group = node.group("g").store(store).register(this::load);
    assertThat(take(group, "own", value("old", 7, 3))).isTrue();
    assertThat(take(group, "own1", value("plain"))).isTrue();
    CachedValue hit = result(group.answer("own"));
    assertThat(List.of(hit.age(), hit.timeToLive()))
        .containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(3));
    assertThat(result(group.answer("own1")).timeToLive()).isNull();
    assertThat(loads).hasValue(0);
  }

  @Test
  void whatIsThereIsNotReplacedByWhatIsHandedOver() throws Exception {
    Group group = group();
    peeks.put("own", CompletableFuture.completedFuture(null));
    group.get("own");
    assertThat(take(group, "own", value("old"))).isFalse();
    assertThat(group.get("own")).hasToString("v1");
  }

  @Test
  void whatIsPastItsEndIsNotTakenOver() {
    assertThat(take(group(), "own", value("old", 7, 0))).isFalse();
  }

  @ParameterizedTest
  @EnumSource(GroupBuilder.Store.class)
  void aKeyRemovedWhileItsEntryIsTakenIsNotStored(GroupBuilder.Store store) {
    Group group = node.group("g").store(store).register(this::load);
    assertThat(
            group.engine.accept(
                "own",
                value("old"),
                () -> {
                  group.removeAsync("own");
                  return true;
                }))
        .isFalse();
    assertThat(
            group.engine.accept(
                "own",
                value("old"),
                () -> {
                  group.clearAsync();
                  return true;
                }))
        .isFalse();
    assertThat(group.stats().entries()).isZero();
  }
}
