package geecache;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Copies of values that the callers of all nodes ask for often, as the owner of the key counts. */
class OwnersRateTest extends PopularKeys {
  private static final int POPULAR_IN_A_MINUTE = 240;
  private static final Duration HALF_A_MINUTE = Duration.ofSeconds(30);
  private static final Duration SECOND = Duration.ofSeconds(1);

  private static PeerValue asked(int rate) {
    return new PeerValue(ByteView.of("630"), null, null, true, false, null, rate);
  }

  /** Lets the copy of {@code Tom} end, and returns the question of the next get. */
  private GatedPeer.Question ask(Group group) throws Exception {
    ticker.advance(HOT);
    group.answer("Tom");
    return owner.next();
  }

  @Test
  void aValueThatAllNodesAskForOftenIsCopiedAtOnce() throws Exception {
    Group group = builder.register(source);
    assertThat(fetch(group, "Tom", asked(POPULAR_IN_A_MINUTE)).stored()).isTrue();
    assertThat(group.get("Tom")).hasToString("630");
    assertThat(group.stats().hotHits()).isEqualTo(1);
  }

  @Test
  void aValueThatTheyAskForLessOftenIsNot() throws Exception {
    Group group = builder.register(source);
    assertThat(fetch(group, "Tom", asked(POPULAR_IN_A_MINUTE - 1)).stored()).isFalse();
    assertThat(group.stats().hotEntries()).isZero();
  }

  @Test
  void aCopyIsRenewedWhileTheyAskHalfAsOften() throws Exception {
    Group group = builder.register(source);
    fetch(group, "Tom", asked(POPULAR_IN_A_MINUTE));
    for (int i = 0; i < 3; i++) {
      ask(group).answer(asked(POPULAR_IN_A_MINUTE / 2));
      assertThat(group.stats().hotEntries()).isEqualTo(1);
      assertThat(group.get("Tom")).hasToString("630");
    }
  }

  @Test
  void aCopyThatIsNotRenewedHasToEarnItsPlaceAnew() throws Exception {
    Group group = builder.register(source);
    fetch(group, "Tom", asked(POPULAR_IN_A_MINUTE));
    ask(group).answer(asked(POPULAR_IN_A_MINUTE / 2 - 1));
    assertThat(group.stats().hotEntries()).isZero();
    assertThat(fetch(group, "Tom", asked(POPULAR_IN_A_MINUTE - 1)).stored()).isFalse();
    assertThat(fetch(group, "Tom", asked(POPULAR_IN_A_MINUTE)).stored()).isTrue();
  }

  @Test
  void aGroupThatWantsNoCopiesHasNone() throws Exception {
    Group group = builder.hotCopies(false).register(source);
    assertThat(fetch(group, "Tom", asked(1_000)).stored()).isFalse();
    group.engine.get("own", node(1, 500));
    assertThat(group.engine.rate("own")).isZero();
    source.next().answer("1");
  }

  @Test
  void aQuestionTellsTheHitsOfTheCopyOnce() throws Exception {
    Group group = builder.register(source);
    fetch(group, "Tom", asked(POPULAR_IN_A_MINUTE));
    for (int i = 0; i < 5; i++) {
      group.get("Tom");
    }
    GatedPeer.Question question = ask(group);
    assertThat(question.callers().takeCopyHits()).isEqualTo(5);
    assertThat(question.callers().takeCopyHits()).isZero();
    question.answer(asked(POPULAR_IN_A_MINUTE));
    group.get("Tom");
    assertThat(ask(group).callers().takeCopyHits()).isEqualTo(1);
  }

  @Test
  void moreThanAThousandHitsAreNotToldApart() throws Exception {
    Group group = builder.register(source);
    fetch(group, "Tom", asked(POPULAR_IN_A_MINUTE));
    for (int i = 0; i < 1_100; i++) {
      group.get("Tom");
    }
    assertThat(ask(group).callers().takeCopyHits()).isEqualTo(1_000);
  }

  @Test
  void aQuestionTellsHowManyCallersWait() throws Exception {
    Group group = builder.register(source);
    group.getAsync("Tom");
    GatedPeer.Question question = owner.next();
    assertThat(question.callers().callers()).isEqualTo(1);
    assertThat(question.callers().takeCopyHits()).isZero();
    group.getAsync("Tom");
    group.getAsync("Tom");
    assertThat(question.callers().callers()).isEqualTo(3);
  }

  private static LocalGroup.Asker node(int callers, int copyHits) {
    return new LocalGroup.Asker(7, null, callers, copyHits);
  }

  /** Returns a group that has the value of {@code own}. */
  private Group warm() throws Exception {
    Group group = builder.register(key -> new byte[] {1});
    group.get("own");
    return group;
  }

  @Test
  void theOwnerCountsQuestionsTheirCallersAndTheHitsOfCopies() throws Exception {
    Group group = warm();
    for (int i = 0; i < 60; i++) {
      group.engine.get("own", node(1, 0));
    }
    assertThat(group.engine.rate("own")).isEqualTo(60);
    group.engine.get("own", node(4, 36));
    assertThat(group.engine.rate("own")).isEqualTo(100);
    assertThat(group.engine.rate("other")).isZero();
  }

  @Test
  void itsOwnCallersDoNotCount() throws Exception {
    Group group = warm();
    for (int i = 0; i < 100; i++) {
      group.get("own");
    }
    assertThat(group.engine.rate("own")).isZero();
  }

  @Test
  void theRateIsHalvedEachHalfOfAMinute() throws Exception {
    Group group = warm();
    group.engine.get("own", node(1, 399));
    ticker.advance(HALF_A_MINUTE);
    assertThat(group.engine.rate("own")).isEqualTo(200);
    ticker.advance(HALF_A_MINUTE);
    assertThat(group.engine.rate("own")).isEqualTo(100);
    ticker.advance(HALF_A_MINUTE);
    assertThat(group.engine.rate("own")).as("less than one in a second is rare").isZero();
  }

  @Test
  void aRateHasABound() throws Exception {
    Group group = warm();
    group.engine.get("own", node(1 << 16, 1 << 16));
    assertThat(group.engine.rate("own")).isEqualTo(1_000);
  }

  /**
   * It cannot prove what it says. The hits of its copy count all the same: without a secret all
   * nodes are such, and copies would come and go together. Who lies makes copies that do not pay.
   */
  @Test
  void aStrangerCountsAsOneCallerWithTheHitsOfItsCopy() throws Exception {
    Group group = warm();
    for (int i = 0; i < 60; i++) {
      group.engine.getHereForGuest("own", node(500, 2));
    }
    assertThat(group.engine.rate("own")).isEqualTo(60 * 3);
  }

  /** Each time that it asks again, it says how many callers wait by then. */
  @Test
  void aQuestionThatIsRepeatedCountsOnce() throws Exception {
    Group group = builder.register(source);
    CompletableFuture<CachedValue> get = group.engine.get("own", node(100, 0));
    for (int i = 0; i < 10; i++) {
      group.engine.hold("own", 7, get);
      assertThat(group.engine.get("own", node(100, 0))).isSameAs(get);
    }
    source.next().answer("1");
    result(get);
    assertThat(group.engine.rate("own")).isEqualTo(100);
  }

  /** Some nodes whose callers ask for a key that another one owns. */
  private final class Askers {
    final List<Geecache> nodes = new ArrayList<>();
    final List<Group> groups = new ArrayList<>();

    Askers(int count, Group owner) {
      for (int i = 0; i < count; i++) {
        Geecache asker = new Geecache(ticker, 1);
        asker.registerPeers(new FakePeers(to(owner, i)));
        nodes.add(asker);
        groups.add(asker.group("scores").hotTimeToLive(HOT).register(key -> new byte[0]));
      }
    }

    private FuturePeer to(Group owner, int asker) {
      return new FuturePeer() {
        @Override
        public String url() {
          return "http://owner";
        }

        @Override
        public CompletableFuture<PeerValue> get(LocalGroup group, String key, Question asked) {
          LocalGroup.Asker node =
              new LocalGroup.Asker(asker, null, asked.callers(), asked.takeCopyHits());
          return owner.engine.get(key, node).thenApply(value -> asked(owner.engine.rate(key)));
        }
      };
    }

    /** Has each node ask once in each pause, one after the other, and returns the questions. */
    long askFor(Duration time, Duration pause) throws Exception {
      long before = fetches();
      for (long left = time.toNanos(); left > 0; left -= pause.toNanos()) {
        for (Group group : groups) {
          group.get("hot");
          ticker.advance(pause.dividedBy(groups.size()));
        }
      }
      return fetches() - before;
    }

    private long fetches() {
      return groups.stream().mapToLong(group -> group.stats().fetches()).sum();
    }

    void close() {
      nodes.forEach(Geecache::close);
    }
  }

  /** Each asks every other second: far too rarely for a copy of its own account. */
  @Test
  void aKeyIsCopiedByItsRateInTheWholeCluster() throws Exception {
    Group group = builder.register(key -> new byte[] {1});
    peers.show(key -> true);
    Askers askers = new Askers(20, group);
    askers.askFor(Duration.ofMinutes(1), SECOND.multipliedBy(2));
    long asked = askers.askFor(Duration.ofMinutes(10), SECOND.multipliedBy(2));
    assertThat(asked).as("of 6,000 gets, one of each node when a copy ends").isBetween(300L, 420L);
    askers.close();
  }

  /** Copies that there are answer nearly all, and the owner hears of that. */
  @Test
  void copiesGoWhenTheClusterAsksRarely() throws Exception {
    Group group = builder.register(key -> new byte[] {1});
    peers.show(key -> true);
    Askers askers = new Askers(20, group);
    askers.askFor(Duration.ofMinutes(2), SECOND.multipliedBy(2));
    askers.askFor(Duration.ofMinutes(4), SECOND.multipliedBy(20));
    long asked = askers.askFor(Duration.ofMinutes(10), SECOND.multipliedBy(20));
    assertThat(asked).as("of 600 gets").isEqualTo(600);
    askers.close();
  }

  /** Where a node asks often itself, its first copy does not wait for the owner's word. */
  @Test
  void aNodeThatAsksOftenItselfHasItsCopyWithinASecond() throws Exception {
    Group group = builder.register(source);
    makePopular(group, "Tom");
    assertThat(fetch(group, "Tom", asked(0)).stored()).isTrue();
  }
}
