package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.ByteView;
import geecache.Geecache;
import geecache.Group;
import geecache.LocalGroup;
import geecache.OverloadedException;
import geecache.PeerValue;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Senders run when the test has them run, one after the other. */
class SendQueueTest {
  private static final int MOST_KEYS = 2;

  private final ArrayDeque<Runnable> senders = new ArrayDeque<>();
  private boolean noThreads;
  private static final ClusterOptions OPTIONS =
      new ClusterOptions(
          false,
          Duration.ofSeconds(1),
          1,
          10,
          1,
          1,
          Duration.ZERO,
          Duration.ZERO,
          true,
          false,
          Set.of());

  private final PeerCounters counters = new PeerCounters();
  private final Geecache node = new Geecache();
  private final Group users = node.newGroup("users", 0, key -> new byte[0]);
  private final Group prices = node.newGroup("prices", 0, key -> new byte[0]);

  /** The batches that were sent. */
  private final List<String> sent = new ArrayList<>();

  private boolean met = true;
  private int mostCallers;
  private boolean parks;
  private boolean throwing;

  /** Whether answers might stay open, as each batch was told. */
  private final List<Boolean> parkable = new ArrayList<>();

  private final SendQueue queue =
      new SendQueue(
          "http://b:2",
          OPTIONS,
          this::start,
          counters,
          true,
          () -> met,
          () -> 1,
          () -> 1,
          () -> mostCallers,
          () -> MOST_KEYS,
          this::send);

  private void start(Runnable sender) {
    if (noThreads) {
      throw new RejectedExecutionException();
    }
    senders.add(sender);
  }

  private void send(List<PendingKey> batch, SendQueue.Turn turn) {
    sent.add(batch.get(0).group.name() + batch.stream().map(each -> each.key).toList());
    parkable.add(turn.mayPark());
    if (parks) {
      turn.park();
      parkable.add(turn.mayPark());
    }
    if (throwing) {
      throw new IllegalStateException("not to be expected");
    }
    batch.forEach(key -> key.complete(new PeerValue(ByteView.of("x"), null, null, false, null)));
  }

  @AfterEach
  void close() {
    node.close();
  }

  private Patient add(Group group, String key) {
    Patient question = new Patient(key);
    queue.add(pending(group, question));
    return question;
  }

  private PendingKey pending(Group group, Patient question) {
    return new PendingKey(local(group), question, 0);
  }

  private LocalGroup local(Group group) {
    return node.local().find(group.name()).orElseThrow();
  }

  private static void assertNoAnswer(Patient question, String why) {
    assertThat(question.answer()).isCompletedExceptionally();
    assertThatThrownBy(question.answer()::join).hasRootCauseMessage(why);
  }

  @Test
  void waitingKeysAreSentTogetherAGroupAfterAnother() {
    add(users, "1");
    add(users, "2");
    add(users, "3");
    add(prices, "a");
    assertThat(senders).hasSize(1);

    senders.remove().run();
    assertThat(sent).containsExactly("users[1, 2]", "prices[a]", "users[3]");
    assertThat(queue.isSending()).isFalse();
  }

  @Test
  void aParkedAnswerLetsAnotherSenderBegin() {
    parks = true;
    add(users, "1");
    add(users, "2");
    add(users, "3");
    senders.remove().run();
    assertThat(sent).containsExactly("users[1, 2]");

    senders.remove().run();
    assertThat(sent).endsWith("users[3]");
    assertThat(senders).isEmpty();
    assertThat(queue.isSending()).isFalse();
  }

  @Test
  void aParkedAnswerThatEndsHoweverGivesItsPlaceBack() {
    parks = true;
    throwing = true;
    add(users, "1");
    assertThatThrownBy(senders.remove()::run).hasMessage("not to be expected");
    throwing = false;
    add(users, "2");
    senders.remove().run();
    assertThat(parkable).containsExactly(true, false, true, false);
  }

  /** The contact is lost; what waits is told; a key comes that saw it as made before. */
  @Test
  void aKeyThatComesAfterContactWasLostIsRefused() {
    met = false;
    queue.fail(LinkFailure.silent("lost", null));
    assertNoAnswer(add(users, "after"), "no contact with http://b:2");
    assertThat(senders).isEmpty();
  }

  @Test
  void aKeyThatComesAfterTheCloseIsRefusedUnlessItIsForMemoryAlone() {
    Patient before = add(users, "before");
    assertThat(queue.close()).isTrue();
    assertThat(queue.close()).isFalse();
    queue.fail(LinkFailure.silent("lost", null));
    assertNoAnswer(before, "lost");
    assertNoAnswer(add(users, "after"), "no contact with http://b:2");

    queue.add(PendingKey.onlyIfCached(local(users), "in memory", new CompletableFuture<>(), 0));
    senders.remove().run();
    assertThat(sent).containsExactly("users[in memory]");

    queue.open();
    add(users, "again");
    senders.remove().run();
    assertThat(sent).endsWith("users[again]");
  }

  @Test
  void anEndedQueueIsNotOpenedAgain() {
    queue.end();
    queue.open();
    assertThat(queue.isOpen()).isFalse();
    assertNoAnswer(add(users, "1"), "no contact with http://b:2");
  }

  @Test
  void withoutAThreadAllAreToldAndTheNextIsAskedFor() {
    noThreads = true;
    assertThat(add(users, "1").answer()).isCompletedExceptionally();
    assertThat(queue.isSending()).isFalse();

    noThreads = false;
    add(users, "2");
    senders.remove().run();
    assertThat(sent).containsExactly("users[2]");
  }

  private List<PendingKey> several(Group group, Patient... questions) {
    return Stream.of(questions).map(question -> pending(group, question)).toList();
  }

  @Test
  void manyKeysAreAddedAtOnceAndTheLastAreRefusedIfTheQueueIsFull() {
    Patient[] questions =
        IntStream.range(0, 12).mapToObj(i -> new Patient("" + i)).toArray(Patient[]::new);
    queue.add(several(users, questions));
    assertThat(senders).hasSize(1);
    for (Patient refused : List.of(questions[10], questions[11])) {
      assertThatThrownBy(refused.answer()::join).hasRootCauseInstanceOf(OverloadedException.class);
    }
    queue.add(several(prices, new Patient("a")));
    senders.remove().run();
    assertThat(sent).hasSize(5).startsWith("users[0, 1]").endsWith("users[8, 9]");
  }

  @Test
  void aCallersThreadSendsItsOwnKeysWhereOneMay() {
    assertThat(queue.sendHere(several(users, new Patient("1")), this::send)).isFalse();
    mostCallers = 1;
    Patient question = new Patient("1");
    assertThat(queue.sendHere(several(users, question), this::send)).isTrue();
    assertThat(question.answer()).isCompleted();
    assertThat(senders).isEmpty();
    assertThat(queue.isSending()).isFalse();
    List<PendingKey> tooMany = several(users, new Patient("1"), new Patient("2"), new Patient("3"));
    assertThat(queue.sendHere(tooMany, this::send)).isFalse();
    met = false;
    assertThat(queue.sendHere(several(users, question), this::send)).isFalse();
  }

  /** Its answer stays open, and the next caller's thread may send meanwhile. */
  @Test
  void aCallersParkedAnswerLetsAnotherCallerBegin() {
    mostCallers = 1;
    List<PendingKey> one = several(users, new Patient("1"));
    List<PendingKey> other = several(users, new Patient("2"));
    List<Boolean> begun = new ArrayList<>();
    queue.sendHere(
        one,
        (batch, turn) -> {
          begun.add(queue.sendHere(other, this::send));
          turn.park();
          begun.add(queue.sendHere(other, this::send));
        });
    assertThat(begun).containsExactly(false, true);
    assertThat(queue.sendHere(one, this::send)).isTrue();
    assertThat(parkable).containsExactly(false, true);
  }

  @Test
  void aCallersPlaceIsGivenBackHoweverItsSendingEnds() {
    mostCallers = 1;
    throwing = true;
    List<PendingKey> one = several(users, new Patient("1"));
    assertThatThrownBy(() -> queue.sendHere(one, this::send)).hasMessage("not to be expected");
    throwing = false;
    assertThat(queue.sendHere(one, this::send)).isTrue();
  }
}
