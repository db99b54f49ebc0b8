package geecache;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.CachedValue.Origin;
import geecache.JoinTable.Seat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gets of keys that a peer owns, and the answers of that peer. */
class FetchTest extends TwoPeers {
  @Test
  void aKeyThatAPeerOwnsIsFetchedAndNotLoaded() throws Exception {
    CompletableFuture<ByteView> get = callers.call(() -> group.get("Tom"));
    GatedPeer.Question question = owner.next();
    assertThat(question.group()).isSameAs(group.engine);
    assertThat(question.key()).isEqualTo("Tom");
    question.answer("630");
    assertThat(result(get)).hasToString("630");
    assertThat(source.keys()).isEmpty();
    assertThat(group.stats().fetches()).isEqualTo(1);
    assertThat(group.stats().loads()).isZero();
  }

  @Test
  void aKeyThatThisNodeOwnsIsLoadedAndNobodyIsAsked() throws Exception {
    CompletableFuture<ByteView> get = callers.call(() -> group.get("own"));
    source.next().answer("630");
    assertThat(result(get)).hasToString("630");
    assertThat(owner.keys()).isEmpty();
    assertThat(group.stats().fetches()).isZero();
  }

  @Test
  void aHundredCallersOfAKeyAskOneQuestion() throws Exception {
    try (Geecache calm = unhurried()) {
      Group asked = calm.group("g").waitTimeout(WAIT).register(source);
      List<CompletableFuture<ByteView>> gets = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        gets.add(callers.call(() -> asked.get("Tom")));
        gets.add(asked.getAsync("Tom"));
      }
      GatedPeer.Question question = owner.next();
      await().until(() -> asked.stats().fetchesDeduplicated() == 99);
      question.answer("630");
      for (CompletableFuture<ByteView> get : gets) {
        assertThat(result(get)).hasToString("630");
      }
      assertThat(owner.keys()).containsExactly("Tom");
      assertThat(asked.stats().fetches()).isEqualTo(1);
    }
  }

  @Test
  void afterAnAnswerTheNextGetAsksAgain() throws Exception {
    for (String value : List.of("630", "631")) {
      CompletableFuture<ByteView> get = group.getAsync("Tom");
      owner.next().answer(value);
      assertThat(result(get)).hasToString(value);
    }
    assertThat(group.stats().entries()).isZero();
  }

  @Test
  void anAnswerSaysThatItCameFromAPeerAndWhoWaitedForAnothersQuestion() throws Exception {
    CompletableFuture<CachedValue> first = group.answer("Tom");
    CompletableFuture<CachedValue> second = group.answer("Tom");
    owner.next().answer("630");
    assertThat(result(first))
        .isEqualTo(
            new CachedValue(ByteView.of("630"), Origin.PEER, false, false, null, null, null, null));
    assertThat(result(second))
        .isEqualTo(
            new CachedValue(ByteView.of("630"), Origin.PEER, true, false, null, null, null, null));
  }

  @Test
  void anAnswerTellsTheAgeOfWhatThePeerHasAndWhatRemainsOfItsTime() throws Exception {
    CompletableFuture<CachedValue> get = group.answer("Tom");
    Duration age = Duration.ofSeconds(7);
    Duration rest = Duration.ofSeconds(3);
    owner.next().answer(new PeerValue(ByteView.of("630"), age, rest, false, null));
    assertThat(result(get).age()).isEqualTo(age);
    assertThat(result(get).timeToLive()).isEqualTo(rest);
  }

  @Test
  void whatThePeerServesPastItsEndIsMarkedForEachWhoWaited() throws Exception {
    CompletableFuture<CachedValue> first = group.answer("Tom");
    CompletableFuture<CachedValue> second = group.answer("Tom");
    owner
        .next()
        .answer(
            new PeerValue(
                ByteView.of("630"), Duration.ofSeconds(9), Duration.ofSeconds(-4), true, null));
    assertThat(result(first).origin()).isEqualTo(Origin.STALE);
    assertThat(result(first).timeToLive()).isEqualTo(Duration.ofSeconds(-4));
    assertThat(result(second).origin()).isEqualTo(Origin.STALE);
    assertThat(group.stats().staleServed()).isEqualTo(2);
  }

  /** All questions are open, and the loads of this node's own keys run, before any answer. */
  @Test
  void manyKeysAreAskedForAtOnceWhileThisNodesOwnLoad() throws Exception {
    CompletableFuture<Map<String, ByteView>> all =
        callers.call(() -> group.getAll(List.of("Tom", "own1", "Sam", "own2", "Jack", "Tom")));
    List<GatedPeer.Question> questions = List.of(owner.next(), owner.next(), owner.next());
    GatedGetter.Call load = source.next();
    assertThat(questions).extracting(GatedPeer.Question::key).containsExactly("Tom", "Sam", "Jack");
    for (GatedPeer.Question question : questions) {
      if (question.key().equals("Jack")) {
        question.fail(new KeyNotFoundException("no Jack"));
      } else {
        question.answer(question.key() + "!");
      }
    }
    load.answer("1");
    source.next().answer("2");
    assertThat(result(all).toString()).isEqualTo("{Tom=Tom!, own1=1, Sam=Sam!, own2=2}");
    assertThat(owner.keys()).hasSize(3);
  }

  @Test
  void oneFailureOfThePeersIsTheFailureOfAllOfMany() throws Exception {
    CompletableFuture<Map<String, ByteView>> all =
        callers.call(() -> group.getAll(List.of("Tom", "Sam")));
    owner.next().answer("630");
    owner.next().fail(new OverloadedException("too much"));
    assertThatThrownBy(() -> result(all)).isInstanceOf(OverloadedException.class);
    assertThat(source.keys()).isEmpty();
  }

  @Test
  void whatAPeerAsksForIsLoadedAndNeverAskedFor() throws Exception {
    CompletableFuture<CachedValue> answer = group.engine.get("Tom");
    source.next().answer("630");
    assertThat(result(answer).value()).hasToString("630");
    assertThat(owner.keys()).isEmpty();
  }

  /** Or two nodes that disagree on the ring would wait for each other. */
  @Test
  void whatAPeerAsksForDoesNotWaitForAFetch() throws Exception {
    CompletableFuture<ByteView> fetch = group.getAsync("Tom");
    GatedPeer.Question question = owner.next();
    CompletableFuture<CachedValue> answer = group.engine.get("Tom");
    source.next().answer("630");
    assertThat(result(answer).value()).hasToString("630");
    assertThat(fetch).isNotDone();
    question.answer("630");
    result(fetch);
  }

  static List<CacheException> answersThatAreFailures() {
    return List.of(
        new KeyNotFoundException("none"),
        new LoadException("down"),
        new LoadTimeoutException("slow", null),
        new OverloadedException("too much"));
  }

  @ParameterizedTest
  @MethodSource("answersThatAreFailures")
  void aFailureThatAPeerAnswersReachesAllCallersAndNothingIsLoaded(CacheException failure)
      throws Exception {
    CompletableFuture<ByteView> blocking = callers.call(() -> group.get("Tom"));
    GatedPeer.Question question = owner.next();
    CompletableFuture<ByteView> async = group.getAsync("Tom");
    await().until(() -> group.stats().fetchesDeduplicated() == 1);
    question.fail(failure);
    assertThatThrownBy(() -> result(blocking)).isSameAs(failure);
    assertThatThrownBy(() -> result(async)).isSameAs(failure);
    assertThat(source.keys()).isEmpty();
    assertThat(instead.keys()).isEmpty();
    assertThat(group.stats().fetchFailures()).isZero();
    assertThat(group.stats().entries()).as("an absence is not copied").isZero();
  }

  /**
   * A miss; then the fetch of another get makes a copy and ends; then the join that follows the
   * miss.
   */
  @Test
  void aMissThatComesLateFindsTheCopy() throws Exception {
    GroupParts parts = group.engine.parts;
    GroupStore store = parts.store();
    PeerFetches fetches =
        new PeerFetches(parts, (load, failure) -> new LoadException("failed", failure));
    for (int i = 0; i < 8; i++) {
      store.countFetch("Tom");
    }
    PeerValue fetched = new PeerValue(ByteView.of("630"), null, null, false, null);
    assertThat(store.keepFetched("Tom", store.currentFence(), fetched, null).stored()).isTrue();
    Seat<Fetch> late = fetches.join("Tom", false, 0);
    assertThat(late.attempt()).isNull();
    assertThat(late.found().value).hasToString("630");
    assertThat(owner.keys()).isEmpty();
  }

  /**
   * Each believes that the other owns the key, as nodes do for a while that disagree. Each has
   * asked the other before either is answered.
   */
  @Test
  void twoNodesThatNameEachOtherBothAnswer() throws Exception {
    GatedGetter sourceOfA = new GatedGetter();
    GatedGetter sourceOfB = new GatedGetter();
    try (Geecache a = new Geecache(ticker, 1);
        Geecache b = new Geecache(ticker, 1)) {
      Group onA = a.newGroup("g", 0, sourceOfA);
      Group onB = b.newGroup("g", 0, sourceOfB);
      a.registerPeers(new FakePeers(new Neighbour(onB.engine)));
      b.registerPeers(new FakePeers(new Neighbour(onA.engine)));
      CompletableFuture<ByteView> toA = onA.getAsync("Tom");
      CompletableFuture<ByteView> toB = onB.getAsync("Tom");
      sourceOfA.next().answer("by a");
      sourceOfB.next().answer("by b");
      assertThat(result(toA)).hasToString("by b");
      assertThat(result(toB)).hasToString("by a");
    }
  }

  /** A node in the same JVM. */
  private record Neighbour(LocalGroup there) implements FuturePeer {
    @Override
    public String url() {
      return "http://neighbour";
    }

    @Override
    public CompletableFuture<PeerValue> get(LocalGroup group, String key, Question asked) {
      return there
          .get(key)
          .thenApply(
              answer ->
                  new PeerValue(answer.value(), answer.age(), answer.timeToLive(), false, null));
    }
  }
}
