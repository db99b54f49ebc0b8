package geecache;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.Answer.Origin;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Gets of keys that a peer owns. */
class FetchTest {
  private static final Duration WAIT = Duration.ofMinutes(2);

  private final GatedPeer owner = new GatedPeer("http://owner");
  private final GatedPeer instead = new GatedPeer("http://instead");
  private final FakePeers peers = new FakePeers(owner, instead);
  private final FakeTicker ticker = new FakeTicker();
  private final Geecache node = new Geecache(ticker, 1);
  private final GatedGetter source = new GatedGetter();
  private final Group group =
      node.group("scores").maxLoads(1).waitTimeout(WAIT).maxWaitingLoads(2).register(source);
  private final Callers callers = new Callers();

  @BeforeEach
  void join() {
    node.registerPeers(peers);
  }

  @AfterEach
  void close() {
    node.close();
    callers.close();
  }

  private void noPeerAnswers() throws InterruptedException {
    owner.next().fail(new IOException("refused"));
    instead.next().fail(new IOException("refused"));
  }

  /** The peers fail all that they were asked for, and none of it is to be loaded any more. */
  @Test
  void whatWaitsForAPeerAtTheEndOfTheNodeFailsAndIsNotLoaded() throws Exception {
    List<CompletableFuture<ByteView>> gets = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      gets.add(group.getAsync("key" + i));
      owner.next();
    }
    group.removeHere(List.of("key1", "key2")); // Nobody can join these any more.
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
  void aPeerThatThrowsIsOneThatDoesNotAnswer() throws Exception {
    try (Geecache other = new Geecache()) {
      Peer broken =
          new Peer() {
            @Override
            public String url() {
              return "http://broken";
            }

            @Override
            public CompletableFuture<Fetched> get(Group asked, String key) {
              throw new IllegalStateException("broken");
            }
          };
      other.registerPeers(new FakePeers(broken));
      Group loads = other.newGroup("g", 0, key -> key.getBytes(UTF_8));
      assertThat(loads.get("Tom")).hasToString("Tom");
      assertThat(loads.get("Tom")).hasToString("Tom");
    }
  }

  @Test
  void aKeyThatAPeerOwnsIsFetchedAndNotLoaded() throws Exception {
    CompletableFuture<ByteView> get = callers.call(() -> group.get("Tom"));
    GatedPeer.Question question = owner.next();
    assertThat(question.group()).isSameAs(group);
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
    List<CompletableFuture<ByteView>> gets = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      gets.add(callers.call(() -> group.get("Tom")));
      gets.add(group.getAsync("Tom"));
    }
    GatedPeer.Question question = owner.next();
    await().until(() -> group.stats().fetchesDeduplicated() == 99);
    question.answer("630");
    for (CompletableFuture<ByteView> get : gets) {
      assertThat(result(get)).hasToString("630");
    }
    assertThat(owner.keys()).containsExactly("Tom");
    assertThat(group.stats().fetches()).isEqualTo(1);
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
    CompletableFuture<Answer> first = group.answer("Tom");
    CompletableFuture<Answer> second = group.answer("Tom");
    owner.next().answer("630");
    assertThat(result(first))
        .isEqualTo(new Answer(ByteView.of("630"), Origin.PEER, false, false, null, null));
    assertThat(result(second))
        .isEqualTo(new Answer(ByteView.of("630"), Origin.PEER, true, false, null, null));
  }

  @Test
  void anAnswerTellsTheAgeOfWhatThePeerHasAndWhatRemainsOfItsTime() throws Exception {
    CompletableFuture<Answer> get = group.answer("Tom");
    Duration age = Duration.ofSeconds(7);
    Duration rest = Duration.ofSeconds(3);
    owner.next().answer(new Fetched(ByteView.of("630"), age, rest, false));
    assertThat(result(get).age()).isEqualTo(age);
    assertThat(result(get).timeToLive()).isEqualTo(rest);
  }

  @Test
  void whatThePeerServesPastItsEndIsMarkedForEachWhoWaited() throws Exception {
    CompletableFuture<Answer> first = group.answer("Tom");
    CompletableFuture<Answer> second = group.answer("Tom");
    owner
        .next()
        .answer(
            new Fetched(ByteView.of("630"), Duration.ofSeconds(9), Duration.ofSeconds(-4), true));
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
  void ofManyKeysThoseThatNoPeerAnswersAreLoadedHere() throws Exception {
    CompletableFuture<Map<String, ByteView>> all =
        callers.call(() -> group.getAll(List.of("Tom", "Sam", "Jack")));
    for (GatedPeer.Question question : List.of(owner.next(), owner.next(), owner.next())) {
      if (question.key().equals("Sam")) {
        question.answer("567");
      } else {
        question.fail(new IOException("reset"));
        instead.next().fail(new IOException("reset"));
      }
    }
    source.next().answer("630");
    source.next().answer("589");
    assertThat(result(all).toString()).isEqualTo("{Tom=630, Sam=567, Jack=589}");
    assertThat(source.keys()).containsExactly("Tom", "Jack");
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
    CompletableFuture<Answer> answer = group.answerHere("Tom");
    source.next().answer("630");
    assertThat(result(answer).value()).hasToString("630");
    assertThat(owner.keys()).isEmpty();
  }

  /** Or two nodes that disagree on the ring would wait for each other. */
  @Test
  void whatAPeerAsksForDoesNotWaitForAFetch() throws Exception {
    CompletableFuture<ByteView> fetch = group.getAsync("Tom");
    GatedPeer.Question question = owner.next();
    CompletableFuture<Answer> answer = group.answerHere("Tom");
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

  /** As it comes from a stage that depends on another. */
  @Test
  void aFailureThatAPeerAnswersIsFoundInItsWrapping() throws Exception {
    CompletableFuture<ByteView> get = group.getAsync("Tom");
    KeyNotFoundException absent = new KeyNotFoundException("none");
    owner.next().fail(new CompletionException(absent));
    assertThatThrownBy(() -> result(get)).isSameAs(absent);
  }

  @Test
  void whereTheOwnerGivesNoAnswerAnotherIsAskedInItsStead() throws Exception {
    CompletableFuture<ByteView> get = group.getAsync("Tom");
    owner.next().fail(new IOException("refused"));
    instead.next().answer("630");
    assertThat(result(get)).hasToString("630");
    assertThat(source.keys()).isEmpty();
    assertThat(group.stats().fetchFailures()).isEqualTo(1);
    assertThat(group.stats().fetchesInVain()).isZero();
  }

  @Test
  void aFailureThatTheOtherAnswersIsAnAnswerToo() throws Exception {
    CompletableFuture<ByteView> get = group.getAsync("Tom");
    owner.next().fail(new IOException("refused"));
    instead.next().fail(new KeyNotFoundException("none"));
    assertThatThrownBy(() -> result(get)).isInstanceOf(KeyNotFoundException.class);
    assertThat(source.keys()).isEmpty();
  }

  /** Whatever it fails with that is no answer. */
  @Test
  void whereNoPeerAnswersTheKeyIsLoadedHere() throws Exception {
    CompletableFuture<ByteView> get = callers.call(() -> group.get("Tom"));
    owner.next().fail(new IllegalStateException("a fault"));
    instead.next().fail(new Error("another"));
    source.next().answer("630");
    assertThat(result(get)).hasToString("630");
    assertThat(group.stats().fetchFailures()).isEqualTo(2);
    assertThat(group.stats().fetchesInVain()).isEqualTo(1);
  }

  @Test
  void whereNobodyStandsInForTheOwnerTheKeyIsLoadedHereAtOnce() throws Exception {
    try (Geecache other = new Geecache(ticker, 1)) {
      other.registerPeers(new FakePeers(owner));
      CompletableFuture<ByteView> get = other.newGroup("g", 0, source).getAsync("Tom");
      owner.next().fail(new IOException("refused"));
      source.next().answer("630");
      assertThat(result(get)).hasToString("630");
    }
  }

  @Test
  void whereNoPeerAnswersOneLoadIsForAllWhoWaited() throws Exception {
    List<CompletableFuture<ByteView>> gets = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      gets.add(callers.call(() -> group.get("Tom")));
      gets.add(group.getAsync("Tom"));
    }
    await().until(() -> group.stats().fetchesDeduplicated() == 19);
    noPeerAnswers();
    GatedGetter.Call load = source.next();
    await().until(() -> group.stats().loadsDeduplicated() == 19);
    load.answer("630");
    for (CompletableFuture<ByteView> get : gets) {
      assertThat(result(get)).hasToString("630");
    }
    assertThat(source.keys()).containsExactly("Tom");
    assertThat(owner.keys()).hasSize(1);
    assertThat(instead.keys()).hasSize(1);
    assertThat(group.stats().fetchesInVain()).isEqualTo(20);
  }

  /** The load has failed before the second of them looks for one. */
  @Test
  void whereNoPeerAnswersASourceThatFailsIsAskedOnceForAllWhoWaited() throws Exception {
    List<String> loaded = new ArrayList<>();
    try (Loaders loaders = new Loaders(new CallersThread(Runnable::run), new HandTimer())) {
      Group failing =
          group(
              key -> {
                loaded.add(key);
                throw new LoadException("down");
              },
              loaders);
      List<CompletableFuture<ByteView>> gets =
          List.of(failing.getAsync("Tom"), failing.getAsync("Tom"), failing.getAsync("Tom"));
      noPeerAnswers();
      for (CompletableFuture<ByteView> get : gets) {
        assertThatThrownBy(() -> result(get)).isInstanceOf(LoadException.class).hasMessage("down");
      }
      assertThat(loaded).containsExactly("Tom");
    }
  }

  @Test
  void aCallersDeadlineEndsItsOwnWaitOnly() throws Exception {
    CompletableFuture<ByteView> patient = callers.call(() -> group.get("Tom"));
    GatedPeer.Question question = owner.next();
    assertThatThrownBy(() -> group.get("Tom", Duration.ofMillis(1)))
        .isInstanceOf(LoadTimeoutException.class)
        .hasMessage("gave up waiting for scores/Tom after 1 ms");
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
    try (Loaders loaders = new Loaders(new CallersThread(Runnable::run), timer)) {
      Group hasty = group(source, loaders);
      CompletableFuture<ByteView> get = hasty.getAsync("Tom");
      GatedPeer.Question question = owner.next();
      timer.fire(WAIT);
      assertThatThrownBy(() -> result(get))
          .isInstanceOf(LoadTimeoutException.class)
          .hasMessage("gave up waiting for hasty/Tom after 120000 ms");
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

  /** How a getter asks for another key. */
  enum Way {
    GET((group, key) -> group.get(key)),
    ASYNC((group, key) -> group.getAsync(key).get()),
    ALL((group, key) -> group.getAll(List.of(key)).get(key));

    private interface Question {
      ByteView of(Group group, String key) throws Exception;
    }

    private final Question question;

    Way(Question question) {
      this.question = question;
    }
  }

  /** It has the only thread and the only place. */
  @ParameterizedTest
  @EnumSource(Way.class)
  void aGettersFetchInVainIsLoadedOnTheGettersThread(Way way) throws Exception {
    List<Thread> threads = new ArrayList<>();
    Group[] nested = {null};
    nested[0] =
        node.group("nested")
            .maxLoads(1)
            .maxWaitingLoads(0)
            .register(
                key -> {
                  threads.add(Thread.currentThread());
                  return key.startsWith("own")
                      ? way.question.of(nested[0], "Tom").toByteArray()
                      : "630".getBytes(UTF_8);
                });
    CompletableFuture<ByteView> get = nested[0].getAsync("own");
    noPeerAnswers();
    assertThat(result(get)).hasToString("630");
    assertThat(threads).hasSize(2);
    assertThat(threads.get(1)).isSameAs(threads.get(0));
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void aGetterIsGivenWhatThePeerAnswers(Way way) throws Exception {
    Group[] nested = {null};
    nested[0] = node.newGroup("nested", 0, key -> way.question.of(nested[0], "Tom").toByteArray());
    CompletableFuture<ByteView> get = nested[0].getAsync("own");
    owner.next().answer("630");
    assertThat(result(get)).hasToString("630");
  }

  /** A miss; then another's fetch makes a copy and lands; then the join that follows the miss. */
  @Test
  void aMissThatComesLateFindsTheCopy() {
    Counters counters = new Counters();
    AtomicReference<PeerPicker> picker = new AtomicReference<>(peers);
    Entries entries = new Entries(settings(), ticker, counters, picker);
    Fetches fetches = new Fetches(group, entries, counters, picker);
    for (int i = 0; i < 8; i++) {
      entries.countFetch("Tom");
    }
    Fetched fetched = new Fetched(ByteView.of("630"), null, null, false);
    assertThat(entries.keepFetched("Tom", entries.begin(), fetched).stored()).isTrue();
    Fetches.Seat late = fetches.join("Tom");
    assertThat(late.fetch()).isNull();
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
      a.registerPeers(new FakePeers(new Neighbour(onB)));
      b.registerPeers(new FakePeers(new Neighbour(onA)));
      CompletableFuture<ByteView> toA = onA.getAsync("Tom");
      CompletableFuture<ByteView> toB = onB.getAsync("Tom");
      sourceOfA.next().answer("by a");
      sourceOfB.next().answer("by b");
      assertThat(result(toA)).hasToString("by b");
      assertThat(result(toB)).hasToString("by a");
    }
  }

  /** A node in the same JVM. */
  private record Neighbour(Group there) implements Peer {
    @Override
    public String url() {
      return "http://neighbour";
    }

    @Override
    public CompletableFuture<Fetched> get(Group group, String key) {
      return there
          .answerHere(key)
          .thenApply(
              answer -> new Fetched(answer.value(), answer.age(), answer.timeToLive(), false));
    }
  }

  @Test
  void closingTheNodeReleasesWhoWaitsForAFetch() throws Exception {
    CompletableFuture<ByteView> blocking = callers.call(() -> group.get("Tom"));
    owner.next();
    CompletableFuture<ByteView> async = group.getAsync("Tom");
    node.close();
    instead.next().fail(new IOException("closed"));
    for (CompletableFuture<ByteView> get : List.of(blocking, async)) {
      assertThatThrownBy(() -> result(get))
          .isInstanceOf(ClosedException.class)
          .hasMessage("the node is closed");
    }
    assertThat(source.keys()).isEmpty();
  }

  private Group group(Getter getter, Loaders loaders) {
    return new Group("hasty", settings(), getter, ticker, loaders, new AtomicReference<>(peers));
  }

  private static GroupSettings settings() {
    return new GroupSettings(
        1 << 20,
        1 << 20,
        0,
        0,
        0,
        0,
        0,
        0,
        1,
        true,
        Duration.ofMinutes(1),
        WAIT,
        4,
        4,
        GroupBuilder.Store.CAFFEINE);
  }
}
