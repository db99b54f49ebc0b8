package geecache;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.GroupBuilder.Store;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A value that was set gives way to later changes, and to no earlier ones. */
class StampedChangesTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration LIFE = Duration.ofSeconds(10);
  private static final Stamp EARLIER = new Stamp(7, 1);
  private static final Stamp STAMP = new Stamp(10, 1);
  private static final Stamp LATER = new Stamp(11, 1);

  private final FakeTicker ticker = new FakeTicker();
  private final Geecache node = new Geecache(ticker, 2);
  private final GatedGetter source = new GatedGetter();
  private final GatedPeer owner = new GatedPeer("http://owner");
  private final Map<String, PeerValue> peeks = new ConcurrentHashMap<>();

  @BeforeEach
  void join() {
    node.registerPeers(
        new FakePeers(owner) {
          @Override
          public @Nullable CompletableFuture<@Nullable PeerValue> peek(
              LocalGroup group, String key) {
            PeerValue value = peeks.get(key);
            return value == null ? null : CompletableFuture.completedFuture(value);
          }
        });
  }

  @AfterEach
  void close() {
    node.close();
  }

  private LocalGroup local(Store store) {
    return LocalNode.partOf(node.group("local").store(store).register(key -> key.getBytes(UTF_8)));
  }

  private static @Nullable Stamp set(LocalGroup group, String key, String value, Stamp stamp) {
    return group.set(key, ByteView.of(value), null, stamp);
  }

  private static PeerValue given(String value, @Nullable Stamp change) {
    return new PeerValue(ByteView.of(value), Duration.ZERO, LIFE, false, change);
  }

  private static boolean accept(LocalGroup group, String key, PeerValue given) {
    return group.accept(key, given, () -> true);
  }

  private static void assertHolds(LocalGroup group, String key, String value) {
    CachedValue held = group.peek(key);
    assertThat(held).as(key).isNotNull();
    assertThat(held.value()).hasToString(value);
  }

  private static void assertHoldsNot(LocalGroup group, String key) {
    assertThat(group.peek(key)).as(key).isNull();
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  void aRemovalLeavesALaterSetAlone(Store store) {
    LocalGroup group = local(store);
    set(group, "own", "set", STAMP);
    assertThat(group.remove("own", EARLIER)).isEqualTo(STAMP);
    assertHolds(group, "own", "set");
    assertThat(group.remove("own", STAMP)).as("the removal of the set itself").isNull();
    assertHolds(group, "own", "set");
    assertThat(group.remove("own", LATER)).isNull();
    assertHoldsNot(group, "own");
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  void anyRemovalRemovesWhatWasLoaded(Store store) throws Exception {
    LocalGroup group = local(store);
    result(group.get("own"));
    assertThat(group.remove("own", new Stamp(1, 0))).isNull();
    assertHoldsNot(group, "own");
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  void theLatestSetIsKept(Store store) {
    LocalGroup group = local(store);
    assertThat(set(group, "own", "first", STAMP)).isNull();
    assertThat(set(group, "own", "earlier", EARLIER)).isEqualTo(STAMP);
    assertHolds(group, "own", "first");
    assertThat(set(group, "own", "later", LATER)).isNull();
    assertHolds(group, "own", "later");
  }

  @Test
  void ofTwoSetsAtOneTimeThatOfTheGreaterNodeIsLater() {
    LocalGroup group = local(Store.CAFFEINE);
    set(group, "own", "of -1", new Stamp(10, -1));
    assertThat(set(group, "own", "of 1", new Stamp(10, 1))).isEqualTo(new Stamp(10, -1));
    assertHolds(group, "own", "of -1");
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  void aSetThatIsToldTwiceChangesNothing(Store store) {
    LocalGroup group = local(store);
    group.set("own", ByteView.of("set"), LIFE, STAMP);
    ticker.advance(SECOND);
    assertThat(group.set("own", ByteView.of("set"), LIFE, STAMP)).isNull();
    assertThat(group.peek("own").age()).isEqualTo(SECOND);
  }

  /** As of two callers at once, of which the second one comes first. */
  @Test
  void aNodeWithoutPeersStampsAChangeAnewThatCameTooLate() throws Exception {
    try (Geecache lone = new Geecache(ticker, 1)) {
      Group group = lone.newGroup("g", 0, key -> key.getBytes(UTF_8));
      set(group.engine, "k", "set", STAMP);
      group.remove("k");
      assertThat(group.get("k")).hasToString("k");
      set(group.engine, "k", "set", new Stamp(20, 1));
      group.set("k", ByteView.of("later"), null);
      assertThat(group.get("k")).hasToString("later");
      group.engine.clear(new Stamp(30, 1));
      group.set("k", ByteView.of("after clear"), null);
      assertThat(group.get("k")).hasToString("after clear");
    }
  }

  @Test
  void aSetReplacesWhatWasLoadedWhateverItsStamp() throws Exception {
    LocalGroup group = local(Store.CAFFEINE);
    result(group.get("own"));
    assertThat(set(group, "own", "set", new Stamp(1, 0))).isNull();
    assertHolds(group, "own", "set");
  }

  @Test
  void aSetThatIsNotKeptRemovesTheKeyUnlessItIsEarlier() {
    LocalGroup group =
        LocalNode.partOf(node.group("small").maxBytes(1000).register(key -> new byte[0]));
    ByteView tooLarge = ByteView.of(new byte[2000]);
    set(group, "own", "set", STAMP);
    assertThat(group.set("own", ByteView.of("no life"), Duration.ZERO, EARLIER)).isEqualTo(STAMP);
    assertThat(group.set("own", tooLarge, null, EARLIER)).isEqualTo(STAMP);
    assertHolds(group, "own", "set");
    assertThat(group.set("own", ByteView.of("no life"), Duration.ZERO, LATER)).isNull();
    assertHoldsNot(group, "own");
    set(group, "own", "set", STAMP);
    assertThat(group.set("own", tooLarge, null, LATER)).isNull();
    assertHoldsNot(group, "own");
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  void aClearingLeavesLaterSetsAlone(Store store) throws Exception {
    LocalGroup group = local(store);
    result(group.get("own loaded"));
    set(group, "own earlier", "set", EARLIER);
    set(group, "own set", "set", STAMP);
    set(group, "own later", "set", LATER);
    assertThat(group.clear(STAMP)).isEqualTo(LATER);
    assertHoldsNot(group, "own loaded");
    assertHoldsNot(group, "own earlier");
    assertHolds(group, "own set", "set");
    assertHolds(group, "own later", "set");
    assertThat(group.stats().entries()).isEqualTo(2);
    assertThat(group.clear(LATER)).isNull();
    assertThat(group.stats().entries()).isEqualTo(1);
    assertThat(group.clear(new Stamp(12, 1))).isNull();
    assertThat(group.stats().entries()).isZero();
  }

  /** No value with this stamp can come in between: they all are earlier than the clearing. */
  @Test
  void whatWasSetBeforeTheLastClearingIsNotStored() {
    LocalGroup group = local(Store.CAFFEINE);
    group.clear(STAMP);
    assertThat(set(group, "own", "set", EARLIER)).isEqualTo(STAMP);
    assertThat(accept(group, "own", given("set", EARLIER))).isFalse();
    assertHoldsNot(group, "own");
    assertThat(set(group, "own", "set", LATER)).isNull();
    group.clear(EARLIER);
    assertHolds(group, "own", "set");
  }

  @Test
  void aSetThatAClearingForbidsLeavesWhatWasLoaded() throws Exception {
    LocalGroup group = local(Store.CAFFEINE);
    group.clear(STAMP);
    result(group.get("own"));
    set(group, "own", "set", EARLIER);
    assertHolds(group, "own", "own");
  }

  /** A value that was set has expired; the load that replaces it is not the change's business. */
  @ParameterizedTest
  @EnumSource(Earlier.class)
  void aSetThatIsToldAgainVoidsNoLoad(Earlier change) throws Exception {
    Group group = node.group("g").timeToLive(LIFE).register(source);
    LocalGroup local = LocalNode.partOf(group);
    set(local, "own", "set", STAMP);
    ticker.advance(LIFE);
    CompletableFuture<ByteView> get = group.getAsync("own");
    change.make(local, STAMP);
    CompletableFuture<ByteView> joins = group.getAsync("own");
    source.next().answer("new");
    assertThat(result(get)).hasToString("new");
    assertThat(result(joins)).hasToString("new");
    assertThat(group.get("own")).hasToString("new");
    assertThat(source.keys()).containsExactly("own");
  }

  @Test
  void aSetThatIsToldAgainVoidsNoFetch() throws Exception {
    Group group = node.group("g").register(source);
    LocalGroup local = LocalNode.partOf(group);
    local.set("Tom", ByteView.of("set"), SECOND, STAMP);
    ticker.advance(SECOND);
    CompletableFuture<ByteView> get = group.getAsync("Tom");
    local.remove("Tom", STAMP);
    CompletableFuture<ByteView> joins = group.getAsync("Tom");
    owner.next().answer("new");
    assertThat(result(get)).hasToString("new");
    assertThat(result(joins)).hasToString("new");
    assertThat(owner.keys()).hasSize(1);
  }

  /**
   * A value that was set has expired; a load reads the source, and the source changes. The removal
   * that is called then has an earlier stamp than the set.
   */
  @Test
  void aRemovalThatLeavesALaterSetAloneVoidsLoads() throws Exception {
    Group group = node.group("g").timeToLive(LIFE).register(source);
    LocalGroup local = LocalNode.partOf(group);
    set(local, "own", "set", STAMP);
    ticker.advance(LIFE);
    CompletableFuture<ByteView> earlier = group.getAsync("own");
    GatedGetter.Call load = source.next();
    assertThat(local.remove("own", EARLIER)).isEqualTo(STAMP);
    CompletableFuture<ByteView> later = group.getAsync("own");
    source.next().answer("new");
    assertThat(result(later)).hasToString("new");
    load.answer("old");
    assertThat(result(earlier)).hasToString("old");
    assertThat(group.get("own")).hasToString("new");
  }

  @Test
  void aRemovalThatLeavesALaterSetAloneVoidsFetches() throws Exception {
    Group group = node.group("g").register(source);
    LocalGroup local = LocalNode.partOf(group);
    local.set("Tom", ByteView.of("set"), SECOND, STAMP);
    ticker.advance(SECOND);
    CompletableFuture<ByteView> earlier = group.getAsync("Tom");
    GatedPeer.Question question = owner.next();
    local.remove("Tom", EARLIER);
    CompletableFuture<ByteView> later = group.getAsync("Tom");
    question.answer("old");
    owner.next().answer("new");
    assertThat(result(earlier)).hasToString("old");
    assertThat(result(later)).hasToString("new");
  }

  /** The removal of older values, which comes next, voids it. */
  @Test
  void aSetThatIsOvertakenVoidsNoLoad() throws Exception {
    Group group = node.group("g").timeToLive(LIFE).register(source);
    LocalGroup local = LocalNode.partOf(group);
    set(local, "own", "set", STAMP);
    ticker.advance(LIFE);
    CompletableFuture<ByteView> get = group.getAsync("own");
    assertThat(set(local, "own", "other", EARLIER)).isEqualTo(STAMP);
    CompletableFuture<ByteView> joins = group.getAsync("own");
    source.next().answer("new");
    assertThat(result(get)).hasToString("new");
    assertThat(result(joins)).hasToString("new");
    assertThat(source.keys()).containsExactly("own");
  }

  /** A change that does not come last. */
  enum Earlier {
    REMOVE {
      @Override
      void make(LocalGroup group, Stamp stamp) {
        group.remove("own", stamp);
      }
    },
    SET {
      @Override
      void make(LocalGroup group, Stamp stamp) {
        set(group, "own", "other", stamp);
      }
    };

    abstract void make(LocalGroup group, Stamp stamp);
  }

  /**
   * A load reads the source; the source changes, and the value is set on another node; that node
   * hands it over. Only now this node is told of the change, and finds its value in memory.
   */
  @ParameterizedTest
  @EnumSource(Earlier.class)
  void aChangeThatLeavesAGivenValueAloneVoidsLoads(Earlier change) throws Exception {
    for (Stamp stamp : new Stamp[] {EARLIER, STAMP}) {
      Group group = node.group("g" + stamp.time()).register(source);
      LocalGroup local = LocalNode.partOf(group);
      CompletableFuture<ByteView> earlier = group.getAsync("own");
      GatedGetter.Call load = source.next();
      assertThat(accept(local, "own", given("set", STAMP))).isTrue();
      change.make(local, stamp);
      assertHolds(local, "own", "set");
      ticker.advance(LIFE);
      CompletableFuture<ByteView> later = group.getAsync("own");
      source.next().answer("new");
      assertThat(result(later)).hasToString("new");
      load.answer("old");
      assertThat(result(earlier)).hasToString("old");
      assertThat(group.get("own")).hasToString("new");
    }
  }

  /** As for a load. A question to a peer may bring an old value. */
  @Test
  void aChangeThatLeavesAGivenValueAloneVoidsFetches() throws Exception {
    Group group = node.group("g").register(source);
    CompletableFuture<ByteView> earlier = group.getAsync("Tom");
    GatedPeer.Question question = owner.next();
    LocalGroup local = LocalNode.partOf(group);
    assertThat(accept(local, "Tom", given("set", STAMP))).isTrue();
    local.remove("Tom", STAMP);
    ticker.advance(LIFE);
    CompletableFuture<ByteView> later = group.getAsync("Tom");
    question.answer("old");
    owner.next().answer("new");
    assertThat(result(earlier)).hasToString("old");
    assertThat(result(later)).hasToString("new");
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  void aValueThatIsHandedOverKeepsItsStamp(Store store) {
    LocalGroup group = local(store);
    assertThat(accept(group, "own", given("set", STAMP))).isTrue();
    assertThat(group.peek("own").change()).isEqualTo(STAMP);
    assertThat(group.handOut("own").change()).isEqualTo(STAMP);
    assertThat(group.remove("own", EARLIER)).isEqualTo(STAMP);
    assertThat(set(group, "own", "earlier", EARLIER)).isEqualTo(STAMP);
    assertThat(group.clear(EARLIER)).isEqualTo(STAMP);
    assertHolds(group, "own", "set");
  }

  @Test
  void aValueThatIsHandedOverDoesNotReplaceALaterSet() {
    LocalGroup group = local(Store.CAFFEINE);
    group.set("own", ByteView.of("set"), SECOND, STAMP);
    ticker.advance(SECOND);
    assertThat(accept(group, "own", given("earlier", EARLIER))).isFalse();
    assertThat(accept(group, "own", given("later", LATER))).isTrue();
    assertHolds(group, "own", "later");
  }

  @Test
  void whatTheFormerOwnerGivesKeepsItsStamp() throws Exception {
    LocalGroup group = local(Store.CAFFEINE);
    peeks.put("own", given("set", STAMP));
    assertThat(result(group.get("own")).change()).isEqualTo(STAMP);
    assertThat(group.remove("own", EARLIER)).isEqualTo(STAMP);
    assertHolds(group, "own", "set");
  }

  @Test
  void anAnswerBearsTheStampOfTheSet() throws Exception {
    Group group = node.group("g").register(key -> key.getBytes(UTF_8));
    LocalGroup local = LocalNode.partOf(group);
    assertThat(result(group.answer("own")).change()).isNull();
    set(local, "own", "set", STAMP);
    assertThat(result(group.answer("own")).change()).isEqualTo(STAMP);
    local.set("own", ByteView.of("set"), LIFE, LATER);
    assertThat(result(local.get("own")).change()).isEqualTo(LATER);
    CompletableFuture<CachedValue> fetched = group.answer("Tom");
    owner.next().answer(new PeerValue(ByteView.of("set"), null, null, false, STAMP));
    assertThat(result(fetched).change()).isEqualTo(STAMP);
  }

  /** It still knows what it was when this node owns the key again, or a new owner asks for it. */
  @Test
  void aValueThatThisNodeDoesNotOwnKeepsItsStamp() {
    LocalGroup group = local(Store.CAFFEINE);
    set(group, "Tom", "set", STAMP);
    assertThat(group.remove("Tom", EARLIER)).isEqualTo(STAMP);
    node.local().demote();
    assertThat(group.peek("Tom").change()).isEqualTo(STAMP);
    assertThat(group.clear(EARLIER)).isEqualTo(STAMP);
    assertThat(group.remove("Tom", LATER)).isNull();
    assertHoldsNot(group, "Tom");
  }

  /** The source fails, the old value is served, and the source is left alone for a while. */
  @Test
  void aValueThatStandsInForTheSourceKeepsItsStamp() throws Exception {
    Group group = node.group("g").timeToLive(LIFE).staleIfError(LIFE).register(source);
    LocalGroup local = LocalNode.partOf(group);
    set(local, "own", "set", STAMP);
    ticker.advance(LIFE);
    CompletableFuture<ByteView> get = group.getAsync("own");
    source.next().fail(new IOException("down"));
    assertThat(result(get)).hasToString("set");
    assertThat(local.remove("own", EARLIER)).isEqualTo(STAMP);
    assertThat(group.get("own")).hasToString("set");
  }

  @Test
  void aCopyBearsTheStampOfTheSetAndGivesWayToAnyChange() throws Exception {
    Group group = node.group("g").hotTimeToLive(LIFE).register(source);
    LocalGroup local = LocalNode.partOf(group);
    for (int i = 0; i < PopularKeys.POPULAR; i++) {
      CompletableFuture<CachedValue> get = group.answer("Tom");
      owner.next().answer(new PeerValue(ByteView.of("set"), null, null, false, STAMP));
      result(get);
    }
    assertThat(result(group.answer("Tom")).change()).isEqualTo(STAMP);
    assertThat(local.remove("Tom", EARLIER)).isNull();
    assertThat(group.stats().hotEntries()).isZero();
  }

  @Test
  void whatWasSetBeforeTheLastClearingIsNotCopied() throws Exception {
    Group group = node.group("g").hotTimeToLive(LIFE).register(source);
    LocalNode.partOf(group).clear(STAMP);
    assertIsNotCopied(group, EARLIER);
  }

  /** It would come to light when the set value is evicted. */
  @Test
  void whatWasSetBeforeThePresentValueIsNotCopied() throws Exception {
    Group group = node.group("g").hotTimeToLive(LIFE).register(source);
    LocalNode.partOf(group).set("Tom", ByteView.of("set"), SECOND, STAMP);
    ticker.advance(SECOND);
    assertIsNotCopied(group, EARLIER);
  }

  private void assertIsNotCopied(Group group, Stamp change) throws Exception {
    for (int i = 0; i < 2 * PopularKeys.POPULAR; i++) {
      CompletableFuture<CachedValue> get = group.answer("Tom");
      owner.next().answer(new PeerValue(ByteView.of("set"), null, null, false, change));
      assertThat(result(get).stored()).isFalse();
    }
  }
}
