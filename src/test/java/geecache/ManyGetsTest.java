package geecache;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which questions {@link Group#getAll} asks together, and on which thread. */
class ManyGetsTest {
  /** Keys that a peer was asked for together. */
  private record Together(
      List<? extends Peer.Question> questions, @Nullable Duration here, Thread thread) {
    List<String> keys() {
      return questions.stream().map(Peer.Question::key).toList();
    }

    void answer() {
      questions.forEach(Asked::answer);
    }
  }

  /** A peer that notes how it is asked, and does then what the test says. */
  private static final class Asked implements Peer {
    private final String url;
    final List<Together> all = new CopyOnWriteArrayList<>();
    final BlockingQueue<Together> next = new LinkedBlockingQueue<>();
    private volatile Consumer<Together> then = Together::answer;

    Asked(String url) {
      this.url = url;
    }

    static void answer(Peer.Question question) {
      question.answer(new PeerValue(ByteView.of(question.key() + "!"), null, null, false, null));
    }

    private void note(Together together) {
      all.add(together);
      next.add(together);
      then.accept(together);
    }

    List<List<String>> keys() {
      return all.stream().map(Together::keys).toList();
    }

    @Override
    public String url() {
      return url;
    }

    @Override
    public void ask(LocalGroup group, Question question) {
      note(new Together(List.of(question), null, Thread.currentThread()));
    }

    @Override
    public void askAll(LocalGroup group, List<? extends Question> questions) {
      note(new Together(questions, null, Thread.currentThread()));
    }

    @Override
    public void askAllHere(LocalGroup group, List<? extends Question> questions, Duration limit) {
      note(new Together(questions, limit, Thread.currentThread()));
    }

    Together next() throws InterruptedException {
      Together together = next.poll(60, TimeUnit.SECONDS);
      assertThat(together).as("the peer was asked").isNotNull();
      return together;
    }
  }

  private final Asked a = new Asked("http://a");
  private final Asked b = new Asked("http://b");
  private final Geecache node = new Geecache();
  private final GatedGetter source = new GatedGetter();
  private final Callers callers = new Callers();

  /** Peer b owns the keys that begin with b. */
  private final FakePeers peers =
      new FakePeers(a) {
        @Override
        public @Nullable Peer pick(String key) {
          return key.startsWith("b") ? b : super.pick(key);
        }
      };

  private Group group(GroupBuilder builder) {
    node.registerPeers(peers);
    return builder.register(source);
  }

  @AfterEach
  void close() {
    node.close();
    callers.close();
  }

  @Test
  void theKeysOfOnePeerAreOneQuestionOnTheCallersThread() throws Exception {
    Group group = group(node.group("g").waitTimeout(Duration.ofSeconds(60)));
    Map<String, ByteView> values = group.getAll(List.of("a3", "a1", "a2", "a1"));
    assertThat(values.toString()).isEqualTo("{a3=a3!, a1=a1!, a2=a2!}");
    assertThat(a.keys()).containsExactly(List.of("a3", "a1", "a2"));
    Together question = a.all.get(0);
    assertThat(question.thread()).isSameAs(Thread.currentThread());
    assertThat(question.here()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(60));
    assertThat(group.stats().fetches()).isEqualTo(3);
    assertThat(group.engine.parts.waiterLimit().waiting()).isZero();
  }

  @Test
  void ofTwoPeersTheLastUsesTheCallersThread() throws Exception {
    Group group = group(node.group("g"));
    assertThat(group.getAll(List.of("a1", "b1", "a2", "b2"))).hasSize(4);
    assertThat(a.keys()).containsExactly(List.of("a1", "a2"));
    assertThat(b.keys()).containsExactly(List.of("b1", "b2"));
    assertThat(a.all.get(0).here()).isNull();
    assertThat(b.all.get(0).here()).isNotNull();
  }

  @Test
  void whatIsInMemoryIsNotAskedFor() throws Exception {
    Group group = group(node.group("g"));
    CompletableFuture<ByteView> own = group.getAsync("own");
    source.next().answer("1");
    result(own);
    assertThat(group.getAll(List.of("own", "a1")).toString()).isEqualTo("{own=1, a1=a1!}");
    assertThat(a.all.get(0).here()).isNotNull();
    assertThat(source.keys()).containsExactly("own");
  }

  @Test
  void aThreadThatHasToWaitForLoadsIsNotGivenToAPeer() throws Exception {
    Group group = group(node.group("g").maxLoads(1));
    CompletableFuture<Map<String, ByteView>> all =
        callers.call(() -> group.getAll(List.of("own1", "a1", "own2")));
    assertThat(a.next().here()).isNull();
    source.next().answer("1");
    source.next().answer("2");
    assertThat(result(all).toString()).isEqualTo("{own1=1, a1=a1!, own2=2}");
  }

  @Test
  void aGettersThreadIsNotGivenToAPeer() throws Exception {
    node.registerPeers(peers);
    Group[] group = {null};
    group[0] =
        node.newGroup(
            "g", 0, key -> group[0].getAll(List.of("a1", "a2")).toString().getBytes(UTF_8));
    assertThat(group[0].get("own")).hasToString("{a1=a1!, a2=a2!}");
    assertThat(a.all).singleElement().matches(question -> question.here() == null);
  }

  @Test
  void noMoreKeysAreOneQuestionThanTheOwnerCanLoad() throws Exception {
    Group group = group(node.group("g").maxLoads(2).maxWaitingLoads(1));
    assertThat(group.getAll(List.of("a1", "a2", "a3", "a4", "a5"))).hasSize(5);
    assertThat(a.keys()).containsExactly(List.of("a1", "a2", "a3"), List.of("a4", "a5"));
  }

  @Test
  void aKeyThatOthersAskForIsJoinedAndWaitedFor() throws Exception {
    a.then = together -> {};
    Group group = group(node.group("g"));
    CompletableFuture<ByteView> get = group.getAsync("a1");
    Together asked = a.next();
    a.then = Together::answer;
    CompletableFuture<Map<String, ByteView>> all =
        callers.call(() -> group.getAll(List.of("a1", "a2")));
    assertThat(a.next().keys()).containsExactly("a2");
    assertThat(all).isNotDone();
    asked.answer();
    assertThat(result(all)).hasSize(2);
    assertThat(result(get)).hasToString("a1!");
    assertThat(group.stats().fetchesDeduplicated()).isEqualTo(1);
  }

  @Test
  void aGetJoinsAKeyThatIsAskedForWithOthers() throws Exception {
    a.then = together -> {};
    Group group = group(node.group("g"));
    CompletableFuture<Map<String, ByteView>> all =
        callers.call(() -> group.getAll(List.of("a1", "a2")));
    Together asked = a.next();
    CompletableFuture<ByteView> get = group.getAsync("a2");
    asked.answer();
    assertThat(result(get)).hasToString("a2!");
    assertThat(result(all)).hasSize(2);
    assertThat(a.all).hasSize(1);
  }

  @Test
  void whatHasNoAnswerWhenThePeerGivesTheThreadBackIsWaitedFor() throws Exception {
    a.then = together -> Asked.answer(together.questions().get(0));
    Group group = group(node.group("g"));
    CompletableFuture<Map<String, ByteView>> all =
        callers.call(() -> group.getAll(List.of("a1", "a2")));
    Asked.answer(a.next().questions().get(1));
    assertThat(result(all)).hasSize(2);
  }

  @Test
  void whatThePeerDoesNotAnswerIsLoadedHere() throws Exception {
    a.then =
        together -> {
          Asked.answer(together.questions().get(0));
          throw new IllegalStateException("broken");
        };
    Group group = group(node.group("g"));
    CompletableFuture<Map<String, ByteView>> all =
        callers.call(() -> group.getAll(List.of("a1", "a2")));
    source.next().answer("2");
    assertThat(result(all).toString()).isEqualTo("{a1=a1!, a2=2}");
    assertThat(source.keys()).containsExactly("a2");
    assertThat(group.stats().fetchFailures()).isEqualTo(1);
  }

  /** The second key has no place to wait in: the first was not asked for yet. */
  @Test
  void whatWasNotAskedForWhenTheGetFailsLeavesNothingBehind() throws Exception {
    Group group = group(node.group("g").maxWaiters(1));
    assertThatThrownBy(() -> group.getAll(List.of("a1", "a2")))
        .isInstanceOf(OverloadedException.class);
    assertThat(a.all).isEmpty();
    assertThat(group.engine.parts.waiterLimit().waiting()).isZero();
    assertThat(group.get("a1")).hasToString("a1!");
  }

  /** As the test before; and another get has joined the first key meanwhile. */
  @Test
  void whatOthersJoinedBeforeItWasAskedForIsAskedFor() throws Exception {
    List<CompletableFuture<ByteView>> joined = new ArrayList<>();
    Group[] group = {null};
    FakePeers joining =
        new FakePeers(a) {
          @Override
          public @Nullable Peer pick(String key) {
            if (key.equals("a2")) {
              joined.add(group[0].getAsync("a1"));
            }
            return super.pick(key);
          }
        };
    node.registerPeers(joining);
    group[0] = node.group("g").maxWaiters(2).register(source);
    assertThatThrownBy(() -> group[0].getAll(List.of("a1", "a2")))
        .isInstanceOf(OverloadedException.class);
    assertThat(result(joined.get(0))).hasToString("a1!");
    assertThat(a.keys()).containsExactly(List.of("a1"));
    await().until(() -> group[0].engine.parts.waiterLimit().waiting() == 0);
  }

  /**
   * The thread of a caller may hold locks of the application, which the action of another needs.
   */
  @Test
  void theThreadThatReadsTheAnswersRunsNoActionOfOthers() throws Exception {
    Group group = group(node.group("g"));
    CompletableFuture<Thread> told = new CompletableFuture<>();
    a.then =
        together -> {
          group.getAsync("k").thenAccept(value -> told.complete(Thread.currentThread()));
          together.answer();
        };
    assertThat(group.getAll(List.of("k"))).hasSize(1);
    assertThat(a.all.get(0).here()).isNotNull();
    assertThat(result(told)).isNotSameAs(Thread.currentThread());
  }
}
