package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.ByteView;
import geecache.Geecache;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.PeerValue;
import geecache.SimulatedWorld;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NodePeerTest {
  private static final PeerValue VALUE = new PeerValue(ByteView.of("630"), null, null, false, null);

  private static final Duration LIMIT = Duration.ofMillis(500);

  /** A way on which nothing works. */
  private static final class BrokenLink extends UnusedLink {
    @Override
    public boolean read(Batch batch, Answers answers) throws IOException {
      throw new IOException("broken");
    }

    @Override
    public void renewConnections() {
      throw new IllegalStateException("this too");
    }
  }

  /** A way to a node that has missed what reads require. */
  private static final class BehindLink extends UnusedLink {
    @Override
    public boolean read(Batch batch, Answers answers) throws IOException {
      throw LinkFailure.behind("http://b:2");
    }
  }

  private final SimulatedWorld world = new SimulatedWorld(1);
  private final PeerCounters counters = new PeerCounters();
  private final AtomicInteger meetings = new AtomicInteger();

  /** Contact with the peer is made, and the third failure in a row ends it. */
  @Test
  void noKeyWaitsForEverWhereGivingThePeerUpFails() {
    KnownNode known = known(new BrokenLink());
    assertThat(gets(known)).allMatch(CompletableFuture::isCompletedExceptionally);
    assertThat(known.contact().isMade()).isFalse();
    assertThat(meetings).hasValue(1);
  }

  /** It answers, and is told at the next meeting what it has missed. */
  @Test
  void aPeerThatIsBehindIsMetAndNotGivenUp() {
    KnownNode known = known(new BehindLink());
    assertThat(gets(known)).allMatch(CompletableFuture::isDone);
    assertThat(known.contact().isMade()).isTrue();
    assertThat(meetings).hasPositiveValue();
  }

  /** A way on which the first read ends as a test says, and all others have answers. */
  private final class OnceLink extends UnusedLink {
    private final Runnable first;
    final List<List<String>> reads = new ArrayList<>();

    OnceLink(Runnable first) {
      this.first = first;
    }

    @Override
    public int maxKeys() {
      return 256;
    }

    @Override
    public int maxReadsOfCallers() {
      return 1;
    }

    @Override
    public boolean read(Batch batch, Answers answers) throws IOException {
      reads.add(batch.keys().stream().map(KeyRead::key).toList());
      answers.begin(7);
      answers.value(0, VALUE);
      if (reads.size() == 1) {
        first.run();
        throw new IOException("reset");
      }
      for (int i = 1; i < batch.keys().size(); i++) {
        answers.value(i, VALUE);
      }
      return true;
    }
  }

  private List<Patient> askHere(KnownNode known) {
    NodePeer peer = peer(known);
    List<Patient> questions = Stream.of("a", "b", "c").map(Patient::new).toList();
    try (Geecache node = new Geecache()) {
      LocalGroup group = LocalNode.partOf(node.newGroup("g", 0, key -> new byte[0]));
      peer.askAllHere(group, questions, LIMIT);
      world.pass(Duration.ofMillis(1));
    }
    return questions;
  }

  @Test
  void aSenderAsksForWhatACallerDidNotWaitFor() {
    OnceLink link = new OnceLink(() -> world.pass(LIMIT));
    KnownNode known = known(link);
    assertThat(askHere(known)).allMatch(question -> question.answer().join() == VALUE);
    assertThat(link.reads).containsExactly(List.of("a", "b", "c"), List.of("b", "c"));
    assertThat(counters.snapshot().failures()).isZero();
  }

  @Test
  void aSenderAsksForWhatAnInterruptedCallerLeaves() {
    AtomicInteger interrupted = new AtomicInteger();
    OnceLink link = new OnceLink(() -> Thread.currentThread().interrupt());
    KnownNode known = known(link);
    NodePeer peer = peer(known);
    Patient a = new Patient("a");
    Patient b = new Patient("b");
    try (Geecache node = new Geecache()) {
      LocalGroup group = LocalNode.partOf(node.newGroup("g", 0, key -> new byte[0]));
      peer.askAllHere(group, List.of(a, b), LIMIT);
      interrupted.addAndGet(Thread.interrupted() ? 1 : 0);
      world.pass(Duration.ofMillis(1));
      assertThat(link.reads).containsExactly(List.of("a", "b"), List.of("b"));

      Patient c = new Patient("c");
      Thread.currentThread().interrupt();
      peer.askAllHere(group, List.of(c), LIMIT);
      interrupted.addAndGet(Thread.interrupted() ? 1 : 0);
      assertThat(c.answer()).as("a sender's from the start").isNotDone();
      world.pass(Duration.ofMillis(1));
      assertThat(List.of(a, b, c)).allMatch(question -> question.answer().join() == VALUE);
    }
    assertThat(interrupted).hasValue(2);
    assertThat(counters.snapshot().failures()).isZero();
  }

  @Test
  void aStackThatEndsOnACallersThreadIsNoFailureOfThePeer() {
    OnceLink link =
        new OnceLink(
            () -> {
              throw new StackOverflowError();
            });
    assertThat(askHere(known(link))).allMatch(question -> question.answer().join() == VALUE);
    assertThat(counters.snapshot().failures()).isZero();
  }

  @Test
  void aPeerThatFailsWhileACallerWaitsHasFailed() {
    OnceLink link = new OnceLink(() -> {});
    List<Patient> questions = askHere(known(link));
    assertThat(questions.get(0).answer()).isCompletedWithValue(VALUE);
    assertThat(questions.get(1).answer()).isCompletedExceptionally();
    assertThat(link.reads).hasSize(1);
    assertThat(counters.snapshot().failures()).isEqualTo(1);
  }

  private KnownNode known(UnusedLink link) {
    KnownNode known = new KnownNode("http://b:2", link, ClusterParts.senders(world));
    known.contact().met(known.contact().losses(), 7);
    return known;
  }

  private NodePeer peer(KnownNode known) {
    return new NodePeer(
        known,
        new NodePeer.Meeter() {
          @Override
          public void meet(KnownNode met) {}

          @Override
          public void meetSoon(KnownNode met) {
            meetings.incrementAndGet();
          }

          @Override
          public void noteRefusal(KnownNode refusing, long by, GroupVersion group) {
            refusing.noteRefusal(by, group, 0);
          }
        },
        new ChangeLog(1, 1, world.ticker()),
        new AnnouncedRemovals(1, Duration.ofSeconds(10), world.ticker()),
        ClusterParts.runtime(world, world.executor()),
        counters,
        () -> 0,
        () -> 1,
        ClusterParts.options());
  }

  /** Gets six keys of the peer, one after the other. */
  private List<CompletableFuture<PeerValue>> gets(KnownNode known) {
    NodePeer peer = peer(known);
    List<CompletableFuture<PeerValue>> gets = new ArrayList<>();
    try (Geecache node = new Geecache()) {
      LocalGroup group = LocalNode.partOf(node.newGroup("g", 0, key -> new byte[0]));
      for (int i = 0; i < 6; i++) {
        Patient question = new Patient("key" + i);
        gets.add(question.answer());
        peer.ask(group, question);
        world.pass(Duration.ofMillis(1));
      }
    }
    return gets;
  }
}
