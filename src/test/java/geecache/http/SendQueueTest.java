package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Geecache;
import geecache.LocalGroup;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Senders run when the test has them run, one after the other. */
class SendQueueTest {
  private static final int MOST_KEYS = 2;

  private final ArrayDeque<Runnable> senders = new ArrayDeque<>();
  private boolean noThreads;
  private static final PeerOptions ONE_PARKED =
      PeerOptions.builder().connections(1).parked(1).waiting(10).build();

  private final PeerClient client = new PeerClient(1, ONE_PARKED);
  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private final PeerLinks links =
      new PeerLinks(
          1,
          "/_geecache/",
          ONE_PARKED,
          client,
          new RemovalLog(1, () -> 0),
          this::start,
          timer,
          () -> 0,
          new PeerLinks.Counters(),
          new Meetings(this::unneeded, this::unneeded));

  private final Geecache node = new Geecache();
  private final LocalGroup users = LocalGroup.of(node.newGroup("users", 0, key -> new byte[0]));
  private final LocalGroup prices = LocalGroup.of(node.newGroup("prices", 0, key -> new byte[0]));

  /** The batches that were sent. */
  private final List<String> sent = new ArrayList<>();

  private boolean met = true;
  private boolean parks;
  private boolean throwing;

  /** Whether answers might stay open, as each batch was told. */
  private final List<Boolean> parkable = new ArrayList<>();

  private final SendQueue queue =
      new SendQueue("http://b:2", links, true, () -> met, () -> 1, () -> MOST_KEYS, this::send);

  private <T> T unneeded() {
    throw new AssertionError("nobody is met here");
  }

  private void start(Runnable sender) {
    if (noThreads) {
      throw new RejectedExecutionException();
    }
    senders.add(sender);
  }

  private void send(List<Wanted> batch, SendQueue.Turn turn) {
    sent.add(batch.get(0).group.name() + batch.stream().map(wanted -> wanted.key).toList());
    parkable.add(turn.mayPark());
    if (parks) {
      turn.park();
      parkable.add(turn.mayPark());
    }
    if (throwing) {
      throw new IllegalStateException("not to be expected");
    }
    batch.forEach(Wanted::isNotCached);
  }

  @AfterEach
  void close() {
    node.close();
    client.close();
    timer.shutdownNow();
  }

  private Wanted add(LocalGroup group, String key) {
    Wanted wanted = new Wanted(group, key);
    queue.add(wanted);
    return wanted;
  }

  private static void assertIsNowhere(Wanted wanted, String why) {
    assertThat(wanted.answer).isCompletedExceptionally();
    assertThatThrownBy(wanted.answer::join).hasRootCauseMessage(why);
  }

  @Test
  void whatWaitsLeavesTogetherAGroupAfterAnother() {
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
  void whatComesAfterContactWasLostIsRefused() {
    met = false;
    queue.fail(PeerFailure.silent("lost", null));
    assertIsNowhere(add(users, "after"), "no contact with http://b:2");
    assertThat(senders).isEmpty();
  }

  @Test
  void whatComesAfterItWasClosedIsRefusedAndMemoryIsAskedAllTheSame() {
    Wanted before = add(users, "before");
    assertThat(queue.close()).isTrue();
    assertThat(queue.close()).isFalse();
    queue.fail(PeerFailure.silent("lost", null));
    assertIsNowhere(before, "lost");
    assertIsNowhere(add(users, "after"), "no contact with http://b:2");

    queue.add(new Wanted(users, "in memory", true));
    senders.remove().run();
    assertThat(sent).containsExactly("users[in memory]");

    queue.open();
    add(users, "again");
    senders.remove().run();
    assertThat(sent).endsWith("users[again]");
  }

  @Test
  void whatHasEndedIsNotOpenedAgain() {
    queue.end();
    queue.open();
    assertThat(queue.isOpen()).isFalse();
    assertIsNowhere(add(users, "1"), "no contact with http://b:2");
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
