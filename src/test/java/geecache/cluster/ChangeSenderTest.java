package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.SimulatedWorld;
import geecache.Stamp;
import geecache.cluster.ChangeSender.Told;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The sender's thread runs when the test has it run. */
class ChangeSenderTest {
  private static final long SELF = 7;
  private static final long NODE = 5;
  private static final String URL = "http://b:2";

  /** The node: it knows all that it is told, unless the test says otherwise. */
  private final class Node extends UnusedLink {
    final List<Changes> told = new ArrayList<>();
    final Map<Removal.Id, Stamp> stayed = new HashMap<>();
    final List<SetResult> setResults = new ArrayList<>();
    long id = NODE;
    long known;
    long time;
    boolean carriesOut = true;
    Runnable meanwhile = () -> {};

    @Override
    public ChangesResult change(Changes changes, Duration limit) throws IOException {
      told.add(changes);
      meanwhile.run();
      if (failure != null) {
        throw failure;
      }
      List<SetResult> results =
          setResults.isEmpty()
              ? changes.sets().stream().map(set -> SetResult.STORED).toList()
              : setResults;
      Map<Long, Long> upTo = new HashMap<>();
      if (!changes.removed().isEmpty()) {
        if (carriesOut) {
          known = Math.max(known, changes.removed().get(changes.removed().size() - 1).number());
        }
        upTo.put(SELF, known);
      }
      return new ChangesResult(
          id, time, results, new VersionVector(upTo), stayed, List.of("http://a:1", URL));
    }

    List<List<Long>> numbers() {
      return told.stream()
          .map(message -> message.removed().stream().map(Removal::number).toList())
          .toList();
    }
  }

  private final SimulatedWorld world = new SimulatedWorld(1);
  private final ArrayDeque<Runnable> threads = new ArrayDeque<>();
  private final List<String> lost = new ArrayList<>();
  private final Contact contact = new Contact();
  private final Node node = new Node();
  private ChangeLog log = new ChangeLog(SELF, 10_000, () -> 0);
  private ChangeSender sender = sender(log);
  private IOException failure;
  private boolean noThreads;

  private ChangeSender sender(ChangeLog changes) {
    ClusterRuntime runtime = ClusterParts.runtime(world, this::start);
    return new ChangeSender(
        URL,
        node,
        contact,
        SELF,
        ClusterParts.options(),
        runtime,
        new HybridClock(SELF, runtime.wall()),
        changes,
        (url, why) -> {
          lost.add(url + ": " + why.getMessage());
          contact.lose();
        });
  }

  private void start(Runnable thread) {
    if (noThreads) {
      throw new RejectedExecutionException();
    }
    threads.add(thread);
  }

  /** Makes contact, as after a meeting that told the first removals. */
  private void meet(long upTo) {
    sender.begin(upTo, Map.of());
    contact.met(contact.losses(), NODE);
  }

  private void remove(int count) {
    for (int i = 0; i < count; i++) {
      long number = log.nextNumber();
      log.add(new Removal(SELF, number, number, "g", "k" + number));
    }
  }

  private CompletableFuture<Told> removeAndTell(int count) {
    long before = log.nextNumber();
    remove(count);
    return sender.tell(before, before + count - 1);
  }

  private static SetChange set(String key, int bytes) {
    return new SetChange("g", key, new byte[bytes], -1, new Stamp(1, SELF), VersionVector.EMPTY);
  }

  private void runThreads() {
    while (!threads.isEmpty()) {
      threads.remove().run();
    }
  }

  private static void assertFailed(CompletableFuture<?> answer, String why) {
    assertThat(answer).isCompletedExceptionally();
    assertThatThrownBy(answer::join)
        .hasCauseInstanceOf(LinkFailure.class)
        .hasMessageEndingWith(why);
  }

  @Test
  void aChangeIsToldToTheNodeThatWasMet() {
    meet(0);
    CompletableFuture<Told> answer = removeAndTell(1);
    assertThat(answer).isNotDone();
    runThreads();
    assertThat(answer.join().members()).containsExactly("http://a:1", URL);
    assertThat(node.told.get(0).to()).isEqualTo(NODE);
    assertThat(node.numbers()).containsExactly(List.of(1L));
  }

  @Test
  void withoutContactAChangeFailsAtOnce() {
    assertFailed(removeAndTell(1), "no contact with http://b:2");
    assertFailed(sender.set(set("a", 1)), "no contact with http://b:2");
    assertThat(threads).isEmpty();
  }

  @Test
  void changesThatComeWhileAMessageIsUnderWayAreToldTogetherInTheNext() {
    meet(0);
    List<CompletableFuture<Told>> answers = new ArrayList<>();
    answers.add(removeAndTell(1));
    node.meanwhile =
        () -> {
          node.meanwhile = () -> {};
          answers.add(removeAndTell(1));
          answers.add(removeAndTell(2));
          answers.add(removeAndTell(1));
        };
    assertThat(threads).hasSize(1);
    threads.remove().run();
    assertThat(threads).isEmpty();
    assertThat(node.numbers()).containsExactly(List.of(1L), List.of(2L, 3L, 4L, 5L));
    assertThat(answers).allMatch(CompletableFuture::isDone);
  }

  /** No thread for a change: those that wait are told by the one that sends. */
  @Test
  void manyChangesAtOnceHaveOneThread() {
    meet(0);
    List<CompletableFuture<Told>> answers = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      answers.add(removeAndTell(1));
    }
    assertThat(threads).hasSize(1);
    runThreads();
    assertThat(node.told).hasSize(1);
    assertThat(answers).allMatch(CompletableFuture::isDone);
  }

  @Test
  void aMessageHasAThousandRemovalsAtMost() {
    meet(0);
    CompletableFuture<Told> answer = removeAndTell(2_500);
    runThreads();
    assertThat(node.told)
        .extracting(message -> message.removed().size())
        .containsExactly(1_000, 1_000, 500);
    assertThat(answer).isDone();
  }

  @Test
  void theNextChangeAfterAnIdleTimeHasAThreadOfItsOwn() {
    meet(0);
    removeAndTell(1);
    runThreads();
    removeAndTell(1);
    runThreads();
    assertThat(node.numbers()).containsExactly(List.of(1L), List.of(2L));
  }

  /** Others may have been told by the meeting. */
  @Test
  void itGoesOnWhereTheMeetingHasEnded() {
    remove(3);
    meet(2);
    CompletableFuture<Told> known = sender.tell(1, 2);
    CompletableFuture<Told> missing = sender.tell(3, 3);
    runThreads();
    assertThat(known).isDone();
    assertThat(missing).isDone();
    assertThat(node.numbers()).containsExactly(List.of(3L));
  }

  @Test
  void changesThatWereCalledDuringAMeetingAreToldAfterItThoughNoCallerWaits() {
    remove(2);
    meet(1);
    sender.sendRest();
    runThreads();
    assertThat(node.numbers()).containsExactly(List.of(2L));
  }

  /** The names of the nodes are in the answer. */
  @Test
  void aChangeThatTheNodeKnowsIsAnsweredByAMessageWithoutIt() {
    remove(2);
    meet(2);
    CompletableFuture<Told> answer = sender.tell(1, 2);
    runThreads();
    assertThat(answer.join().members()).containsExactly("http://a:1", URL);
    assertThat(node.numbers()).containsExactly(List.of());
  }

  @Test
  void ifAMessageFailsAllThatWaitFailWithItAndContactIsLost() {
    meet(0);
    failure = new IOException("reset");
    CompletableFuture<Told> first = removeAndTell(1);
    CompletableFuture<SetResult> set = sender.set(set("a", 1));
    List<CompletableFuture<Told>> later = new ArrayList<>();
    node.meanwhile = () -> later.add(removeAndTell(1));
    runThreads();
    String why = "http://b:2 does not answer: java.io.IOException: reset";
    assertFailed(first, why);
    assertFailed(set, why);
    assertFailed(later.get(0), why);
    assertThat(lost).containsExactly(URL + ": " + why);
    assertFailed(removeAndTell(1), "no contact with http://b:2");
  }

  @Test
  void anErrorOfTheLinkEndsNoChangeInSilence() {
    meet(0);
    node.meanwhile =
        () -> {
          throw new StackOverflowError("as it happens");
        };
    CompletableFuture<Told> answer = removeAndTell(1);
    runThreads();
    assertThat(answer).isCompletedExceptionally();
    assertThat(lost).hasSize(1);
  }

  @Test
  void whereThereIsNoThreadAChangeFails() {
    meet(0);
    noThreads = true;
    assertFailed(removeAndTell(1), "the node is closed, or has no thread");
    assertThat(lost).hasSize(1);
    noThreads = false;
    meet(0);
    CompletableFuture<Told> next = removeAndTell(1);
    runThreads();
    assertThat(next.join().members()).hasSize(2);
  }

  @Test
  void anAnswerOfAnotherNodeLosesContact() {
    meet(0);
    node.id = 99;
    assertFailedAfterRun(removeAndTell(1), "http://b:2 is another node than before");
  }

  private void assertFailedAfterRun(CompletableFuture<?> answer, String why) {
    runThreads();
    assertFailed(answer, why);
    assertThat(lost).containsExactly(URL + ": " + why);
    assertThat(contact.isMade()).isFalse();
  }

  @Test
  void aNodeThatDoesNotCarryOutChangesLosesContact() {
    meet(0);
    node.carriesOut = false;
    assertFailedAfterRun(removeAndTell(1), "http://b:2 does not carry out changes");
  }

  @Test
  void anAnswerWhoseClockIsFarAheadLosesContact() {
    meet(0);
    node.time = Duration.ofMinutes(2).toMillis() << 16;
    assertFailedAfterRun(removeAndTell(1), "http://b:2 gave an answer that cannot be right");
  }

  @Test
  void anAnswerWithOtherSetsLosesContact() {
    meet(0);
    node.setResults.addAll(List.of(SetResult.STORED, SetResult.STORED));
    assertFailedAfterRun(sender.set(set("a", 1)), "http://b:2 gave an answer that cannot be right");
  }

  /** Its log has forgotten removals that the node was not told yet. */
  @Test
  void aNodeThatIsToldMoreSlowlyThanChangesComeLosesContact() {
    log = new ChangeLog(SELF, 2, () -> 0);
    sender = sender(log);
    meet(0);
    assertFailedAfterRun(removeAndTell(3), "http://b:2 is told changes more slowly than they come");
    assertThat(node.told).isEmpty();
  }

  @Test
  void aSetIsAnsweredByItsOwnResult() {
    meet(0);
    CompletableFuture<SetResult> one = sender.set(set("a", 1));
    CompletableFuture<SetResult> two = sender.set(set("b", 1));
    node.setResults.addAll(List.of(SetResult.STORED, SetResult.OVERTAKEN));
    runThreads();
    assertThat(node.told).hasSize(1);
    assertThat(one.join()).isEqualTo(SetResult.STORED);
    assertThat(two.join()).isEqualTo(SetResult.OVERTAKEN);
  }

  @Test
  void aMessageWithManyBytesOfValuesGetsNoFurtherOne() {
    meet(0);
    sender.set(set("a", 400 << 10));
    sender.set(set("b", 400 << 10));
    CompletableFuture<SetResult> last = sender.set(set("c", 1));
    runThreads();
    assertThat(node.told)
        .extracting(message -> message.sets().stream().map(SetChange::key).toList())
        .containsExactly(List.of("a", "b"), List.of("c"));
    assertThat(last.join()).isEqualTo(SetResult.STORED);
  }

  /** Contact was lost by another thread, and a meeting is about to tell the node all. */
  @Test
  void theAnswerToAMessageThatWasUnderWayWhenContactWasLostIsOfNoUse() {
    meet(0);
    CompletableFuture<Told> answer = removeAndTell(1);
    node.meanwhile =
        () -> {
          contact.lose();
          sender.fail(LinkFailure.silent("lost", null));
        };
    runThreads();
    assertFailed(answer, "lost");
    assertThat(lost).isEmpty();
    meet(1);
    assertThat(contact.isMade()).isTrue();
  }

  @Test
  void valuesThatStayedAreToldToTheCallersOfTheirRemovals() {
    meet(0);
    CompletableFuture<Told> one = removeAndTell(2);
    CompletableFuture<Told> two = removeAndTell(1);
    node.stayed.put(new Removal.Id(SELF, 1), new Stamp(30, NODE));
    node.stayed.put(new Removal.Id(SELF, 2), new Stamp(20, NODE));
    node.stayed.put(new Removal.Id(NODE, 3), new Stamp(40, NODE));
    runThreads();
    assertThat(one.join().stayed()).isEqualTo(new Stamp(30, NODE));
    assertThat(two.join().stayed()).isNull();
  }

  @Test
  void valuesThatStayedAtAMeetingAreToldToTheCallersToo() {
    remove(2);
    sender.begin(
        2,
        Map.of(
            new Removal.Id(SELF, 2), new Stamp(20, NODE),
            new Removal.Id(NODE, 1), new Stamp(30, NODE)));
    contact.met(contact.losses(), NODE);
    CompletableFuture<Told> one = sender.tell(1, 1);
    CompletableFuture<Told> two = sender.tell(2, 2);
    runThreads();
    assertThat(one.join().stayed()).isNull();
    assertThat(two.join().stayed()).isEqualTo(new Stamp(20, NODE));
  }

  @Test
  void ofManyValuesThatStayedTheLastAreRemembered() {
    int all = Changes.MOST_REMOVALS + 1;
    remove(all);
    Map<Removal.Id, Stamp> stayed = new HashMap<>();
    for (long number = 1; number <= all; number++) {
      stayed.put(new Removal.Id(SELF, number), new Stamp(number, NODE));
    }
    sender.begin(all, stayed);
    contact.met(contact.losses(), NODE);
    CompletableFuture<Told> first = sender.tell(1, 1);
    CompletableFuture<Told> second = sender.tell(2, 2);
    runThreads();
    assertThat(first.join().stayed()).isNull();
    assertThat(second.join().stayed()).isEqualTo(new Stamp(2, NODE));
  }

  /** It runs on the sender's thread, and another thread needs the lock meanwhile. */
  @Test
  void noActionOfACallerRunsUnderTheLock() {
    meet(0);
    List<CompletableFuture<Told>> nested = new ArrayList<>();
    Runnable another =
        () ->
            nested.add(
                CompletableFuture.supplyAsync(() -> removeAndTell(1))
                    .orTimeout(30, TimeUnit.SECONDS)
                    .join());
    CompletableFuture<Told> told = removeAndTell(1);
    told.thenRun(another);
    sender.set(set("a", 1)).thenRun(another);
    runThreads();
    failure = new IOException("reset");
    CompletableFuture<Told> failing = removeAndTell(1);
    failing.exceptionally(
        why -> {
          another.run();
          return null;
        });
    runThreads();
    assertThat(nested).hasSize(3).allMatch(CompletableFuture::isDone);
  }
}
