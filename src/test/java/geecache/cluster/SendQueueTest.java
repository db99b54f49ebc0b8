package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Geecache;
import geecache.Group;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
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
    batch.forEach(key -> key.complete(null));
  }

  @AfterEach
  void close() {
    node.close();
  }

  private PendingKey add(Group group, String key) {
    PendingKey pending =
        PendingKey.of(node.local().find(group.name()).orElseThrow(), key, new Patient(), 0);
    queue.add(pending);
    return pending;
  }

  private static void assertNoAnswer(PendingKey pending, String why) {
    assertThat(pending.answer).isCompletedExceptionally();
    assertThatThrownBy(pending.answer::join).hasRootCauseMessage(why);
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
    PendingKey before = add(users, "before");
    assertThat(queue.close()).isTrue();
    assertThat(queue.close()).isFalse();
    queue.fail(LinkFailure.silent("lost", null));
    assertNoAnswer(before, "lost");
    assertNoAnswer(add(users, "after"), "no contact with http://b:2");

    queue.add(PendingKey.onlyIfCached(node.local().find("users").orElseThrow(), "in memory", 0));
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
    assertThat(add(users, "1").answer).isCompletedExceptionally();
    assertThat(queue.isSending()).isFalse();

    noThreads = false;
    add(users, "2");
    senders.remove().run();
    assertThat(sent).containsExactly("users[2]");
  }
}
