package geecache;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Gets of keys whose owner gives no answer. */
class FetchInVainTest extends TwoPeers {
  private void noPeerAnswers() throws InterruptedException {
    owner.next().fail(new IOException("refused"));
    instead.next().fail(new IOException("refused"));
  }

  @Test
  void aPeerThatThrowsIsOneThatDoesNotAnswer() throws Exception {
    try (Geecache other = new Geecache()) {
      Peer broken =
          new FuturePeer() {
            @Override
            public String url() {
              return "http://broken";
            }

            @Override
            public CompletableFuture<PeerValue> get(LocalGroup asking, String key, Question asked) {
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
  void whereTheOwnerGivesNoAnswerAnotherIsAskedInItsStead() throws Exception {
    CompletableFuture<ByteView> get = group.getAsync("Tom");
    owner.next().fail(new IOException("refused"));
    instead.next().answer("630");
    assertThat(result(get)).hasToString("630");
    assertThat(source.keys()).isEmpty();
    assertThat(group.stats().fetchFailures()).isEqualTo(1);
    assertThat(group.stats().fetchesInVain()).isZero();
  }

  /** By then it is passed over: it turned out not to have the group. */
  @Test
  void whereTheOneInItsSteadHasNoSuchGroupTheNextOneIsAsked() throws Exception {
    GatedPeer next = new GatedPeer("http://next");
    CompletableFuture<ByteView> get = group.getAsync("Tom");
    owner.next().fail(new IOException("refused"));
    GatedPeer.Question refused = instead.next();
    peers.standIn(next);
    refused.fail(new IOException("no such group"));
    next.next().answer("630");
    assertThat(result(get)).hasToString("630");
    assertThat(source.keys()).isEmpty();
    assertThat(owner.keys()).hasSize(1);
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
    try (Geecache calm = unhurried()) {
      Group asked = calm.group("g").waitTimeout(WAIT).register(source);
      List<CompletableFuture<ByteView>> gets = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        gets.add(callers.call(() -> asked.get("Tom")));
        gets.add(asked.getAsync("Tom"));
      }
      await().until(() -> asked.stats().fetchesDeduplicated() == 19);
      noPeerAnswers();
      GatedGetter.Call load = source.next();
      await().until(() -> asked.stats().loadsDeduplicated() == 19);
      load.answer("630");
      for (CompletableFuture<ByteView> get : gets) {
        assertThat(result(get)).hasToString("630");
      }
      assertThat(source.keys()).containsExactly("Tom");
      assertThat(owner.keys()).hasSize(1);
      assertThat(instead.keys()).hasSize(1);
      assertThat(asked.stats().fetchesInVain()).isEqualTo(20);
    }
  }

  /** The load has failed before the second of them looks for one. */
  @Test
  void whereNoPeerAnswersASourceThatFailsIsAskedOnceForAllWhoWaited() throws Exception {
    List<String> loaded = new ArrayList<>();
    try (LoaderThreads loaders =
        new LoaderThreads(new CallersThread(Runnable::run), new HandTimer())) {
      Group failing =
          hasty(
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
}
