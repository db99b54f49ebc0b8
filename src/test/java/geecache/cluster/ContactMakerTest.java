package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.Geecache;
import geecache.LogCapture;
import geecache.SimulatedWorld;
import geecache.Stamp;
import geecache.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The node meets one other, which stands behind a link and has a log of its own. */
class ContactMakerTest {
  private static final long SELF = 7;
  private static final long ORIGIN = 3;
  private static final String OWN = "http://a:1";
  private static final String URL = "http://b:2";

  /** The other node. It says at once what it knows, and takes what it is told. */
  private final class Remote extends UnusedLink {
    final List<Integer> told = new ArrayList<>();
    long id = 5;
    ChangeLog log = new ChangeLog(id, 10_000, world.ticker());
    Standing standing = new Standing(false, 0, 1, false);
    long time;
    int meetings;
    int baselines;
    boolean carriesOut = true;
    boolean old;
    IOException failure;
    Runnable beforeMeeting = () -> {};
    Runnable afterTold = () -> {};

    @Override
    public Met meet(Meeting meeting, Duration limit) throws IOException {
      meetings++;
      beforeMeeting.run();
      if (failure != null) {
        throw failure;
      }
      VersionVector known = old ? null : log.known();
      return new Met(
          id, new Acknowledgement(members, standing, time, known, groups, false, groupCount));
    }

    @Override
    public ChangesResult change(Changes changes, Duration limit) {
      assertThat(changes.to()).isEqualTo(id);
      told.add(changes.removed().size());
      if (carriesOut && changes.baseline() != null) {
        log.adopt(changes.baseline());
        baselines++;
      }
      if (carriesOut) {
        changes.removed().forEach(log::add);
      }
      Map<Long, Long> known = new HashMap<>(log.known().upTo());
      afterTold.run();
      return new ChangesResult(
          id, time, List.of(), new VersionVector(known), Map.of(), List.of(OWN, URL));
    }

    /** Another node answers at the URL from now on. */
    void restart() {
      id += 100;
      log = new ChangeLog(id, 10_000, world.ticker());
    }
  }

  private final SimulatedWorld world = new SimulatedWorld(1);
  private final Geecache local = new Geecache();
  private final Remote remote = new Remote();
  private Runnable atTick = () -> {};
  private final Ticker ticker =
      () -> {
        atTick.run();
        return world.now();
      };
  private final ClusterRuntime runtime =
      new ClusterRuntime(
          ticker,
          () -> world.now() / 1_000_000,
          world.executor(),
          world.timer(),
          world.random(),
          world.waiting());
  private final HybridClock clock = new HybridClock(SELF, runtime.wall());
  private ChangeLog log = new ChangeLog(SELF, 10_000, world.ticker());
  private final Troubles troubles = new Troubles();
  private List<String> members = List.of(OWN, URL);
  private List<String> groups = List.of();
  private int groupCount = GroupVersion.NOT_COUNTED;
  private ViewHolder views;
  private ContactMaker maker;

  private void start(String ownName) {
    views =
        new ViewHolder(
            local.local(),
            ownName,
            ClusterParts.options(),
            runtime,
            troubles,
            this::node,
            (url, node) -> peer(node));
    maker =
        new ContactMaker(
            local.local(), SELF, ClusterParts.options(), runtime, clock, log, views, troubles);
  }

  private NodePeer peer(KnownNode node) {
    return new NodePeer(
        node,
        maker,
        log,
        new AnnouncedRemovals(1, Duration.ofSeconds(10), ticker),
        runtime,
        new PeerCounters(),
        () -> 0,
        () -> 1,
        ClusterParts.options());
  }

  private KnownNode node(String url) {
    return new KnownNode(
        url,
        remote,
        (of, link, contact) ->
            new ChangeSender(
                of,
                link,
                contact,
                SELF,
                ClusterParts.options(),
                runtime,
                clock,
                log,
                (lost, why) -> views.node(lost).lose(why)));
  }

  private void meet() {
    views.set(List.of(OWN, URL));
    world.pass(Duration.ofMillis(1));
  }

  private boolean isInContact() {
    return views.node(URL).contact().isMade();
  }

  private void remove(long origin, int count) {
    for (int i = 0; i < count; i++) {
      long number = log.knownOf(origin) + 1;
      log.add(new Removal(origin, number, number, "g", "k" + number));
    }
  }

  @AfterEach
  void close() {
    local.close();
    world.close();
  }

  @Test
  void aNodeThatIsMetIsToldWhatItMissesBeforeContactIsMade() {
    start(OWN);
    remove(SELF, 3);
    remove(ORIGIN, 2);
    remote.log.add(new Removal(ORIGIN, 1, 1, "g", "k1"));
    remote.afterTold = () -> assertThat(isInContact()).isFalse();
    meet();
    assertThat(isInContact()).isTrue();
    assertThat(remote.told).containsExactly(4);
    assertThat(remote.log.known()).isEqualTo(log.known());
  }

  @Test
  void aNodeThatMissesNothingIsToldNothing() {
    start(OWN);
    meet();
    assertThat(isInContact()).isTrue();
    assertThat(remote.told).isEmpty();
  }

  @Test
  void aNodeThatMissesMuchIsToldAThousandAtATime() {
    start(OWN);
    remove(SELF, 2_500);
    meet();
    assertThat(remote.told).containsExactly(1_000, 1_000, 500);
    assertThat(isInContact()).isTrue();
  }

  @Test
  void aNodeThatMissesWhatWasForgottenIsToldABaseline() {
    log = new ChangeLog(SELF, 10, world.ticker());
    start(OWN);
    remove(SELF, 25);
    meet();
    assertThat(remote.baselines).isEqualTo(1);
    assertThat(remote.told).containsExactly(10);
    assertThat(remote.log.known()).isEqualTo(log.known());
    assertThat(isInContact()).isTrue();
  }

  /** A change of each node for each message, as where there are very many. */
  @Test
  void changesThatGoOnDoNotKeepANodeOutOfContact() {
    start(OWN);
    remove(SELF, 1);
    List<Integer> toldWithoutContact = new ArrayList<>();
    remote.afterTold =
        () -> {
          if (!isInContact()) {
            toldWithoutContact.add(remote.told.size());
          }
          if (remote.told.size() < 100) {
            remove(SELF, 1);
            remove(ORIGIN, 1);
          }
        };
    meet();
    assertThat(toldWithoutContact).containsExactly(1);
    assertThat(isInContact()).isTrue();
    assertThat(remote.log.knownOf(SELF)).isEqualTo(log.knownOf(SELF)).isEqualTo(100);
  }

  /** A removal after the meeting has looked which ones are missing; its caller got the name. */
  @Test
  void aChangeDuringTheMeetingIsToldRightAfterIt() {
    start(OWN);
    remote.beforeMeeting = () -> remove(SELF, 1);
    remove(SELF, 1);
    remote.afterTold =
        () -> {
          remote.afterTold = () -> {};
          remove(SELF, 1);
        };
    meet();
    assertThat(isInContact()).isTrue();
    assertThat(remote.log.knownOf(SELF)).isEqualTo(3);
  }

  /**
   * The thread that meets is about to begin; the view loses the node; it is met. Then it is away
   * for long, and keys are removed.
   */
  @Test
  void aNodeThatTheViewLosesJustBeforeItIsMetIsToldWhatItMissedWhenItReturns() throws Exception {
    start(OWN);
    local.group("g").register(key -> new byte[1]).get("Tom"); // A standing has the time then.
    atTick =
        () -> {
          boolean isAboutToMeet =
              StackWalker.getInstance()
                  .walk(frames -> frames.anyMatch(f -> f.getMethodName().equals("standing")));
          if (isAboutToMeet) {
            atTick = () -> {};
            views.set(List.of(OWN));
          }
        };
    meet();
    assertThat(remote.meetings).isEqualTo(1);
    world.pass(Duration.ofMinutes(2));
    assertThat(views.toTell()).isEmpty();
    remove(SELF, 1);
    world.pass(Duration.ofSeconds(1));
    assertThat(remote.log.knownOf(SELF)).isZero();
    views.set(List.of(OWN, URL));
    assertThat(isInContact()).isFalse();
    world.pass(Duration.ofMillis(1));
    assertThat(isInContact()).isTrue();
    assertThat(remote.log.knownOf(SELF)).isEqualTo(1);
  }

  @Test
  void aNodeThatDoesNotAnswerIsMetAgainAfterAPause() {
    start(OWN);
    remote.failure = new IOException("reset");
    meet();
    world.pass(Duration.ofSeconds(10));
    assertThat(remote.meetings).isBetween(8, 11);
    remote.failure = null;
    world.pass(Duration.ofSeconds(2));
    assertThat(isInContact()).isTrue();
  }

  private static List<String> warnings(LogCapture captured) {
    return captured.messages().stream()
        .filter(line -> line.startsWith("WARNING"))
        .map(line -> line.replaceAll("for \\d+ s", "for N s"))
        .toList();
  }

  /** As when all nodes start at the same time. */
  @Test
  void aNodeThatIsSilentWhileItStartsIsNoTrouble() {
    start(OWN);
    try (LogCapture captured = new LogCapture(ContactMaker.class, Level.INFO)) {
      remote.failure = new IOException("timed out");
      meet();
      world.pass(Duration.ofSeconds(8));
      remote.failure = null;
      world.pass(Duration.ofSeconds(2));
      assertThat(captured.messages()).containsExactly("INFO in contact with " + URL);
    }
  }

  @Test
  void aNodeThatStaysSilentIsWarnedOfEachMinuteUntilItAnswers() {
    start(OWN);
    try (LogCapture captured = new LogCapture(ContactMaker.class, Level.INFO)) {
      remote.failure = new IOException("reset");
      meet();
      world.pass(Duration.ofSeconds(15));
      assertThat(warnings(captured))
          .containsExactly(
              "WARNING no contact with http://b:2 for N s: it does not answer; does it run, and is"
                  + " this its URL? (java.io.IOException: reset)",
              "WARNING no contact with any of the 1 other nodes for N s: this node loads all keys"
                  + " itself, and its changes reach none of them");
      world.pass(Duration.ofSeconds(130));
      assertThat(warnings(captured)).hasSize(6);
      remote.failure = null;
      world.pass(Duration.ofMinutes(5));
      assertThat(captured.messages()).hasSize(7).last().isEqualTo("INFO in contact with " + URL);
    }
  }

  @Test
  void aNodeThatRefusesIsWarnedOfAtOnce() {
    start(OWN);
    try (LogCapture captured = new LogCapture(ContactMaker.class, Level.INFO)) {
      remote.failure = LinkFailure.refused("401: wrong or missing geecache.secret");
      meet();
      world.pass(Duration.ofSeconds(4));
      assertThat(warnings(captured))
          .containsExactly(
              "WARNING no contact with http://b:2 for N s: 401: wrong or missing geecache.secret");
    }
  }

  @Test
  void anotherListOfNodesIsWarnedOfByUrlWithoutTrafficAndEachMinute() {
    start(OWN);
    members = List.of(URL, "http://c:3");
    try (LogCapture captured = new LogCapture(ContactMaker.class, Level.INFO)) {
      maker.exchangeFromNowOn();
      meet();
      assertThat(warnings(captured)).isEmpty();
      world.pass(Duration.ofSeconds(25));
      assertThat(warnings(captured))
          .containsExactly(
              "WARNING http://b:2 has had another list of nodes than this node for N s: only there"
                  + " [http://c:3], only here [http://a:1]; geecache.peers must be the same on all"
                  + " nodes");
      world.pass(Duration.ofSeconds(75));
      assertThat(warnings(captured)).hasSize(2);
      members = List.of(OWN, URL);
      world.pass(Duration.ofMinutes(3));
      assertThat(warnings(captured)).hasSize(2);
    }
  }

  @Test
  void groupsThatOnlyOneOfTheNodesHasAreWarnedOf() {
    start(OWN);
    local.group("users").register(key -> new byte[1]);
    local.group("prices").register(key -> new byte[1]);
    groups = List.of("prices", "user");
    try (LogCapture captured = new LogCapture(ContactMaker.class, Level.INFO)) {
      maker.exchangeFromNowOn();
      meet();
      world.pass(Duration.ofSeconds(25));
      assertThat(warnings(captured))
          .containsExactly(
              "WARNING http://b:2 has had other groups than this node for N s: only there [user],"
                  + " only here [users]; only the nodes that have such a group, and with the same"
                  + " version, share its values. Do the names differ, or the versions of the"
                  + " application?");
      groups = List.of("prices", "users");
      world.pass(Duration.ofMinutes(3));
      assertThat(warnings(captured)).hasSize(1);
    }
  }

  @Test
  void theGroupsOfANodeAreKnownBeforeItIsAsked() {
    start(OWN);
    local.group("users").version("2").register(key -> new byte[1]);
    groups = List.of("users@1");
    remote.afterTold = () -> assertThat(isInContact()).isFalse();
    meet();
    assertThat(views.get().lacking("users")).containsExactly(URL);
    assertThat(views.get().owns("users", "any")).isTrue();
  }

  /** It is asked for none, until it says that it has them. */
  @Test
  void whatANodeOfVersion1RefusedIsForgotten() {
    start(OWN);
    local.group("users").register(key -> new byte[1]);
    remote.old = true;
    maker.exchangeFromNowOn();
    meet();
    assertThat(views.node(URL).isOld()).isTrue();
    maker.noteRefusal(views.node(URL), remote.id, new GroupVersion("users", ""));
    world.pass(Duration.ofSeconds(20));
    assertThat(views.get().lacking("users")).containsExactly(URL);
    world.pass(Duration.ofSeconds(25));
    assertThat(views.get().lacking("users")).isEmpty();
  }

  @Test
  void aNodeThatIsStartedUnderTheNameIsNotTakenForTheOneBefore() {
    start(OWN);
    local.group("users").version("2").register(key -> new byte[1]);
    groups = List.of("users@1");
    meet();
    views.noteReturn(views.node(URL), 99);
    assertThat(views.get().lacking("users")).isEmpty();
    views.noteGroups(views.node(URL), 99, false, 1, List.of("users@2"));
    assertThat(views.get().lacking("users")).isEmpty();
  }

  /** It has not registered them yet, or does not say. */
  @Test
  void aNodeWithoutGroupsIsNotComparedByThem() {
    start(OWN);
    local.group("users").register(key -> new byte[1]);
    try (LogCapture captured = new LogCapture(ContactMaker.class, Level.INFO)) {
      maker.exchangeFromNowOn();
      meet();
      world.pass(Duration.ofSeconds(25));
      assertThat(warnings(captured)).isEmpty();
    }
  }

  @Test
  void firstContactIsNearWhileANodeIsMetForTheFirstTime() {
    start(OWN);
    maker.exchangeFromNowOn();
    remote.beforeMeeting = () -> assertThat(maker.isFirstContactNear()).isTrue();
    meet();
    assertThat(remote.meetings).isEqualTo(1);
    assertThat(maker.isFirstContactNear()).isFalse();
  }

  @Test
  void aNodeThatNobodyAnswersMayBeTheFirstAndWaitsForNoContact() {
    start(OWN);
    maker.exchangeFromNowOn();
    remote.failure = new IOException("connection refused");
    meet();
    assertThat(maker.isFirstContactNear()).isFalse();
  }

  @Test
  void aNodeThatIsRefusedWaitsForContactForAMinute() {
    start(OWN);
    maker.exchangeFromNowOn();
    remote.failure = LinkFailure.refused("401: wrong or missing geecache.secret");
    meet();
    assertThat(maker.isFirstContactNear()).isTrue();
    world.pass(Duration.ofSeconds(55));
    assertThat(maker.isFirstContactNear()).isTrue();
    world.pass(Duration.ofSeconds(6));
    assertThat(maker.isFirstContactNear()).isFalse();
  }

  @Test
  void aNodeThatDoesNotCarryOutChangesIsNotInContact() {
    start(OWN);
    remove(SELF, 1);
    remote.carriesOut = false;
    meet();
    world.pass(Duration.ofSeconds(5));
    assertThat(isInContact()).isFalse();
    assertThat(remote.told).hasSizeBetween(4, 6);
  }

  @Test
  void aNodeWhoseClockIsFarAheadIsNotInContact() {
    start(OWN);
    remote.time = Duration.ofMinutes(2).toMillis() << 16;
    meet();
    assertThat(isInContact()).isFalse();
    world.pass(Duration.ofMinutes(2));
    assertThat(isInContact()).isTrue();
    assertThat(clock.next().isAfter(new Stamp(remote.time, remote.id))).isTrue();
  }

  /** The origin has died before it could tell. */
  @Test
  void changesOfAThirdNodeAreToldToANodeInContactFromTimeToTime() {
    start(OWN);
    maker.exchangeFromNowOn();
    meet();
    remove(ORIGIN, 1);
    world.pass(Duration.ofSeconds(13));
    assertThat(remote.log.knownOf(ORIGIN)).isEqualTo(1);
    assertThat(remote.meetings).isEqualTo(2);
    world.pass(Duration.ofMinutes(1));
    assertThat(remote.meetings).isBetween(6, 9);
    assertThat(remote.told).containsExactly(1);
  }

  /** That is the work of its sender, which goes in order. */
  @Test
  void itsOwnChangesAreNotToldByAMeetingToANodeInContact() {
    start(OWN);
    maker.exchangeFromNowOn();
    meet();
    remove(SELF, 1);
    remote.beforeMeeting = () -> assertThat(remote.log.knownOf(SELF)).isZero();
    world.pass(Duration.ofSeconds(13));
    assertThat(remote.meetings).isEqualTo(2);
  }

  @Test
  void aNodeThatWasRestartedIsToldAllThatIsRemembered() {
    start(OWN);
    maker.exchangeFromNowOn();
    remove(SELF, 2);
    meet();
    remote.restart();
    world.pass(Duration.ofSeconds(13));
    assertThat(isInContact()).isTrue();
    assertThat(views.node(URL).contact().node()).isEqualTo(remote.id);
    assertThat(remote.log.knownOf(SELF)).isEqualTo(2);
  }

  @Test
  void aNodeThatIsReplacedInTheMiddleOfAMeetingIsMetAgain() {
    start(OWN);
    remove(SELF, 1_500);
    remote.afterTold =
        () -> {
          remote.afterTold = () -> {};
          remote.restart();
        };
    meet();
    assertThat(isInContact()).isFalse();
    world.pass(Duration.ofSeconds(2));
    assertThat(isInContact()).isTrue();
    assertThat(remote.log.knownOf(SELF)).isEqualTo(1_500);
  }

  /** A load balancer, or an address that was given to two. Each answer loses contact at once. */
  @Test
  void aUrlBehindWhichTwoNodesAnswerInTurnsIsMetWithAPause() {
    start(OWN);
    meet();
    for (int i = 0; i < 1_000; i++) {
      remote.restart();
      if (isInContact() && !views.node(URL).contact().isWith(remote.id)) {
        maker.meet(views.node(URL)); // As a read does.
      }
      world.pass(Duration.ofMillis(10));
    }
    assertThat(remote.meetings).isBetween(8, 11);
  }

  @Test
  void aNodeThatReturnsToTheViewIsMetAtOnce() {
    start(OWN);
    meet();
    views.set(List.of(OWN));
    meet();
    assertThat(isInContact()).isTrue();
    assertThat(remote.meetings).isEqualTo(2);
  }

  /** It answers; it leaves, and says so; its answer comes. */
  @Test
  void anAnswerFromBeforeTheNodeLeftDoesNotPutItBackOnTheRing() {
    start(OWN);
    meet();
    assertThat(views.get().owners()).containsExactlyInAnyOrder(OWN, URL);
    remote.beforeMeeting =
        () -> views.note(views.node(URL), remote.id, new Standing(true, 0, 2, false));
    maker.meet(views.node(URL));
    world.pass(Duration.ofSeconds(2));
    assertThat(remote.meetings).isEqualTo(2);
    assertThat(views.get().owners()).containsExactly(OWN);
  }

  @Test
  void aNodeThatSaysThatItIsClosedIsNotInContact() {
    start(OWN);
    remote.standing = new Standing(false, 0, 2, true);
    meet();
    assertThat(isInContact()).isFalse();
    assertThat(remote.meetings).isEqualTo(1);
  }

  /** It is the one of the view's nodes that this node is. */
  @Test
  void aNodeFindsItselfAndNeitherTellsNorNamesItself() {
    start("http://other:9");
    remote.id = SELF;
    views.set(List.of(URL));
    world.pass(Duration.ofMillis(1));
    assertThat(views.get().self()).isEqualTo(URL);
    assertThat(views.toTell()).extracting(KnownNode::url).doesNotContain(URL);
  }

  @Test
  void aSecondNameOfTheNodeItselfIsNeitherToldNorNamed() {
    start(OWN);
    remote.id = SELF;
    meet();
    assertThat(views.get().self()).isEqualTo(OWN);
    assertThat(views.toTell()).isEmpty();
    world.pass(Duration.ofMinutes(1));
    assertThat(remote.meetings).isEqualTo(1);
  }

  @Test
  void whatTheNodeItselfSaysAnewIsToldOnceMore() {
    start(OWN);
    remote.beforeMeeting =
        () -> {
          remote.beforeMeeting = () -> {};
          views.close(); // This node is being closed, and has said that it is not.
        };
    meet();
    assertThat(remote.meetings).isEqualTo(2);
  }
}
