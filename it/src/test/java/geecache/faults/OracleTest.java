package geecache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.faults.Event.Kind;
import geecache.faults.Oracle.Bounds;
import geecache.faults.Verdict.Finding;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Times are in seconds; the nodes are 0 and 1, and up from second 0 on. */
class OracleTest {
  /** A get has 5 s, a value 30 s, and nodes find each other in 4 s. */
  private static final Bounds BOUNDS =
      new Bounds(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(4));

  /** Version 1 is removed by node 0 from second 10 to 11. */
  private static final String REMOVED = "removal 0 k 1 9 10 11 all";

  private static final String MISSED = "removal 0 k 1 9 10 11 1";

  @Test
  void aValueOfTheSourceIsRight() {
    assertFound(Finding.RIGHT, "get 1 k 1 2 k:0");
    assertFound(Finding.RIGHT, REMOVED, "get 1 k 50 51 k:1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"j:1", "k:", "k:x", "k:1 ", "k1", "", "k:2", "k:-1"})
  void whatTheSourceNeverHadForTheKeyIsWrong(String answer) {
    assertFound(Finding.WRONG, REMOVED, "get 1 k 12 13 " + answer);
  }

  @Test
  void aVersionThatTheSourceMadeOnlyLaterIsWrong() {
    assertFound(Finding.WRONG, REMOVED, "get 1 k 7 8 k:1");
    assertFound(Finding.RIGHT, REMOVED, "get 1 k 7 9 k:1"); // The change has begun.
  }

  @Test
  void anErrorHasFailed() {
    assertFound(Finding.FAILED, "get 1 k 1 2 !500 load failed: 1");
    assertFound(Finding.FAILED, "get 1 k 1 2 !java.net.SocketException: Connection reset");
  }

  @Test
  void aGetThatTakesLongerThanItMayIsLate() {
    assertFound(Finding.RIGHT, "get 1 k 1 6 k:0");
    assertFound(Finding.LATE, "get 1 k 1 7 k:0");
  }

  @Test
  void whatAGetTakesWhileItsCallerStandsStillDoesNotMakeItLate() {
    assertFound(Finding.RIGHT, "note 3 stood 1000", "get 1 k 1 7 k:0");
    assertFound(Finding.LATE, "note 3 stood 999", "get 1 k 1 7 k:0");
    assertFound(Finding.LATE, "note 6 stood 9000", "get 1 k 0 7 k:0");
    assertFound(Finding.LATE, "note 8 stood 9000", "get 1 k 1 7 k:0");
    assertFound(Finding.FAILED, "note 3 stood 1000", "get 1 k 1 7 !500 load failed: 1");
  }

  @Test
  void anOldValueAfterARemovalThatReachedAllIsStale() {
    assertFound(Finding.STALE, REMOVED, "get 1 k 12 13 k:0");
    assertFound(Finding.RIGHT_AFTER_REMOVAL, REMOVED, "get 1 k 12 13 k:1");
    assertFound(Finding.STALE, REMOVED, "get 1 k 200 201 k:0");
  }

  @Test
  void aGetThatBeganBeforeTheRemovalWasOverMayHaveTheOldValue() {
    assertFound(Finding.RIGHT, REMOVED, "get 1 k 11 14 k:0");
  }

  @Test
  void theGreatestVersionRemovedIsDue() {
    String next = "removal 1 k 2 12 13 14 all";
    assertFound(Finding.STALE, REMOVED, next, "get 1 k 15 16 k:1");
    assertFound(Finding.RIGHT_AFTER_REMOVAL, REMOVED, next, "get 1 k 13 16 k:1");
  }

  @Test
  void aRemovalBindsWhoeverItReached() {
    assertFound(Finding.STALE, MISSED, "get 0 k 12 13 k:0");
  }

  @Test
  void whoWasMissedIsTold() {
    assertFound(Finding.EXCUSED, MISSED, "get 1 k 15 16 k:0");
    assertFound(Finding.STALE, MISSED, "get 1 k 16 17 k:0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cut 0>1|joined 0>1", "cut 1>0|joined 1>0", "paused 1|resumed 1"})
  void whoIsOutOfTouchIsToldLater(String fault) {
    String begin = "note 5 " + fault.split("\\|")[0];
    String end = "note 20 " + fault.split("\\|")[1];
    assertFound(Finding.EXCUSED, begin, MISSED, end, "get 1 k 24 25 k:0");
    assertFound(Finding.STALE, begin, MISSED, end, "get 1 k 25 26 k:0");
  }

  /** It knows nothing, and may ask whoever was missed. */
  @Test
  void whoWasReachedAndStartedAgainIsTold() {
    List<String> missedAnother =
        List.of("removal 1 k 1 9 10 11 2", "note 12 down 0", "note 13 up 0");
    assertFound(Finding.EXCUSED, with(missedAnother, "get 0 k 17 18 k:0"));
    assertFound(Finding.STALE, with(missedAnother, "get 0 k 18 19 k:0"));
    String reachedAll = "removal 1 k 1 9 10 11 all";
    assertFound(Finding.STALE, reachedAll, "note 12 down 0", "note 13 up 0", "get 0 k 14 15 k:0");
    String duringIt = "removal 1 k 1 9 10 14 all";
    assertFound(Finding.EXCUSED, duringIt, "note 12 down 0", "note 13 up 0", "get 0 k 15 16 k:0");
  }

  /** It said goodbye, and is neither told nor named; its next life may ask whoever was missed. */
  @Test
  void aNodeThatHadEndedBeforeIsNeitherReachedNorNamed() {
    List<String> goneBefore = List.of("note 5 down 1", "removal 0 k 1 9 10 11 2", "note 13 up 1");
    assertFound(Finding.EXCUSED, with(goneBefore, "get 1 k 17 18 k:0"));
    assertFound(Finding.STALE, with(goneBefore, "get 1 k 18 19 k:0"));
    assertFound(Finding.STALE, "note 5 down 1", REMOVED, "note 13 up 1", "get 1 k 14 15 k:0");
  }

  /** It said goodbye, and no node can know that it has returned. */
  @Test
  void aNodeThatWasStartedWhileItWasCutOffIsNeitherReachedNorNamed() {
    String end = "note 4 down 1";
    String start = "note 8 up 1";
    List<String> cutOff = List.of(end, "note 5 cut 0>1 CUT", start, REMOVED, "note 20 joined 0>1");
    assertFound(Finding.EXCUSED, with(cutOff, "get 1 k 24 25 k:0"));
    assertFound(Finding.STALE, with(cutOff, "get 1 k 25 26 k:0"));
    assertFound(Finding.STALE, end, start, "note 9 cut 0>1 CUT", REMOVED, "get 1 k 12 13 k:0");
  }

  @Test
  void aNodeThatWasStartedWhileItWasCutOffIsNamedByAnotherOneOrWithAnother() {
    List<String> cutOff =
        List.of("note 1 up 2", "note 4 down 1", "note 5 cut 0>1 CUT", "note 8 up 1");
    String get = "get 1 k 12 13 k:0";
    assertFound(Finding.STALE, with(cutOff, REMOVED, get));
    assertFound(Finding.STALE, with(cutOff, "removal 0 k 1 9 10 11 2", get));
    assertFound(Finding.EXCUSED, with(cutOff, "removal 0 k 1 9 10 11 1,2", get));
  }

  @Test
  void aNodeThatEndedTellsNobody() {
    List<String> ended = List.of(MISSED, "note 13 down 0 by kill -9", "note 15 up 0");
    assertFound(Finding.EXCUSED, with(ended, "get 1 k 43 44 k:0"));
    assertFound(Finding.STALE, with(ended, "get 1 k 45 46 k:0")); // Nothing lives for so long.
  }

  @Test
  void ofARemovalWithoutAnswerNothingIsKnown() {
    String lost = "removal 0 k 1 9 10 11 unknown";
    assertFound(Finding.EXCUSED, lost, "get 0 k 43 44 k:0");
    assertFound(Finding.STALE, lost, "get 0 k 45 46 k:0");
  }

  @Test
  void aSetBindsAsARemovalDoes() {
    String set = "set 0 k 1 9 10 11 all";
    assertFound(Finding.RIGHT_AFTER_SET, set, "get 1 k 12 13 k:1");
    assertFound(Finding.STALE, set, "get 1 k 12 13 k:0");
    assertFound(Finding.RIGHT, set, "get 1 k 11 14 k:0");
    String missed = "set 0 k 1 9 10 11 1";
    assertFound(Finding.STALE, missed, "get 0 k 12 13 k:0");
    assertFound(Finding.EXCUSED, missed, "get 1 k 15 16 k:0");
    assertFound(Finding.STALE, missed, "get 1 k 16 17 k:0");
  }

  /** Its caller wrote to the source earlier, and set later. */
  @ParameterizedTest
  @ValueSource(strings = {"removal", "set", "bulk"})
  void ofChangesUnderWayAtOnceTheSetMayBeTheLaterOne(String kind) {
    String change = kind + " 1 k 2 9 10 12 all";
    assertFound(Finding.EXCUSED, "set 0 k 1 8 11 13 all", change, "get 1 k 14 15 k:1");
    assertFound(Finding.EXCUSED, "set 0 k 1 8 9 10 all", change, "get 1 k 14 15 k:1");
    assertFound(Finding.EXCUSED, "set 0 k 1 8 13 14 all", change, "get 1 k 15 16 k:1");
    assertFound(Finding.STALE, "set 0 k 1 7 8 9 all", change, "get 1 k 14 15 k:1");
  }

  @Test
  void ofAChangeUnderWayAtOnceOnlyTheValueOfASetMayBeSeen() {
    String change = "set 1 k 2 9 10 12 all";
    assertFound(Finding.STALE, "removal 0 k 1 8 11 13 all", change, "get 1 k 14 15 k:1");
    assertFound(Finding.STALE, "set 0 k 1 8 11 13 all", change, "get 1 k 14 15 k:0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "unknown"})
  void aSetThatFailedHasNoEffectAfterALaterChange(String missed) {
    String failed = "set 0 k 1 7 8 9 " + missed;
    String change = "removal 1 k 2 10 11 12 all";
    assertFound(Finding.RISEN, failed, change, "get 1 k 13 14 k:1");
    assertFound(Finding.RIGHT_AFTER_FAILED_SET, failed, change, "get 1 k 13 14 k:2");
    assertFound(Finding.RIGHT, failed, change, "get 1 k 11 12 k:1");
    assertFound(Finding.RIGHT, failed, "get 1 k 11 12 k:1");
    String early = "removal 1 k 2 8 9 12 all"; // It was called while the set was under way.
    assertFound(Finding.EXCUSED, failed, early, "get 1 k 13 14 k:1");
  }

  @Test
  void aSetThatFailedCountsOnlyWhereTheLaterChangeCame() {
    String failed = "set 0 k 1 7 8 9 1";
    String change = "removal 0 k 2 10 11 12 1";
    assertFound(Finding.EXCUSED, failed, change, "get 1 k 16 17 k:1");
    assertFound(Finding.RISEN, failed, change, "get 1 k 17 18 k:1");
    assertFound(Finding.RISEN, failed, change, "get 0 k 13 14 k:1");
  }

  @Test
  void theTimeToLiveOfAValueBeginsAnewWithASet() {
    String lost = "removal 0 k 2 9 10 11 unknown";
    assertFound(Finding.STALE, lost, "get 1 k 45 46 k:0");
    assertFound(Finding.EXCUSED, "set 1 k 1 8 9 20 all", lost, "get 1 k 54 55 k:1");
    assertFound(Finding.STALE, "set 1 k 1 8 9 20 all", lost, "get 1 k 55 56 k:1");
    assertFound(Finding.RISEN, "set 1 k 1 8 9 20 0", lost, "get 1 k 115 116 k:1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"hid 0>1|shown 0>1", "hid 1>0|shown 1>0"})
  void aNodeThatIsNotSeenIsToldLater(String fault) {
    whoIsOutOfTouchIsToldLater(fault);
  }

  @Test
  void aNodeThatIsNotSeenIsBound() {
    assertFound(Finding.STALE, "note 5 hid 0>1 1>0", REMOVED, "get 1 k 12 13 k:0");
  }

  @Test
  void aLinkIsGoodAgainWhenItIsBothJoinedAndSeen() {
    String[] fault = {"note 5 hid 0>1", "note 6 cut 0>1 CUT", MISSED, "note 20 shown 0>1"};
    assertFound(Finding.EXCUSED, with(List.of(fault), "get 1 k 26 27 k:0"));
  }

  @Test
  void aBulkRemovalBindsAsAnyOther() {
    String bulk = "bulk 0 k 1 9 10 11 all";
    assertFound(Finding.STALE, bulk, "get 1 k 12 13 k:0");
    assertFound(Finding.RIGHT_AFTER_BULK, bulk, "get 1 k 12 13 k:1");
  }

  /** Its reads do not name the removal any more, and it may ask the node that missed it. */
  @Test
  void aNodeThatKnowsMoreThanItRemembersMayAskOneThatWasMissed() {
    String bulk = "bulk 0 j 1 12 12 13 all";
    assertFound(Finding.EXCUSED, MISSED, bulk, "get 0 k 14 15 k:0");
    assertFound(Finding.STALE, MISSED, bulk, "get 0 k 18 19 k:0"); // The other one was told.
    assertFound(Finding.EXCUSED, "bulk 0 k 1 9 10 11 1", "get 0 k 12 13 k:0");
    assertFound(Finding.STALE, MISSED, "bulk 0 j 1 8 8 9 all", "get 0 k 12 13 k:0");
  }

  @Test
  void nobodyIsLeftWhoKnowsLessOnceTheMissedNodeHasEnded() {
    String bulk = "bulk 0 k 1 9 10 11 1";
    assertFound(Finding.EXCUSED, bulk, "note 12 down 1 by undeploy", "get 0 k 13 14 k:0");
    assertFound(Finding.STALE, bulk, "note 12 gone 1", "get 0 k 13 14 k:0");
    assertFound(Finding.EXCUSED, "note 8 gone 1", bulk, "get 0 k 13 14 k:0");
  }

  @Test
  void aGetCountsIfItsNodeWasUpAndUnpausedThroughout() {
    String wrong = "get 1 k 20 23 j:0";
    assertFound(Finding.WRONG, "note 10 down 1", "note 19 up 1", "note 24 down 1", wrong);
    for (String what : List.of("down 1", "paused 1")) {
      assertThat(judge("note 21 " + what, wrong).counted()).isZero();
      assertThat(judge("note 19 " + what, wrong).counted()).isZero();
    }
    assertThat(judge("note 19 down 1", "note 22 up 1", wrong).counted()).isZero();
    assertThat(judge("note 10 paused 1", "note 21 resumed 1", wrong).counted()).isZero();
    assertThat(judge("note 10 paused 1", "note 19 up 1", wrong).counted()).isZero();
  }

  @Test
  void theIdealIsOneCallForEachVersionAndEachLife() {
    Verdict verdict =
        judge(
            REMOVED,
            "get 0 k 1 2 k:0",
            "get 1 k 3 4 k:0",
            "get 1 j 3 4 j:0",
            "get 1 k 12 13 k:1",
            "get 0 k 41 42 k:1",
            "get 0 k 42 43 k:1");
    assertThat(verdict.ideal()).isEqualTo(4);
    assertThat(verdict.line(7)).contains("3 getter calls beyond the ideal 4");
  }

  @Test
  void theIdealIsNoCallForAValueThatWasSet() {
    Verdict verdict =
        judge(
            "set 0 k 1 9 10 11 all", "get 1 k 12 13 k:1", "get 1 k 13 14 k:1", "get 1 k 43 44 k:1");
    assertThat(verdict.ideal()).isEqualTo(1);
  }

  @Test
  void theLineHasAllFigures() {
    Verdict verdict =
        judge(
            REMOVED,
            MISSED,
            "set 0 j 1 9 10 11 all",
            "set 0 j 2 20 21 23 1",
            "removal 0 j 3 24 25 26 all",
            "get 0 j 27 28 j:2",
            "get 1 k 1 2 k:0",
            "get 1 k 1 9 k:0",
            "get 1 k 1 2 j:0",
            "get 1 k 1 2 !500",
            "get 1 k 12 14 k:0");
    assertThat(verdict.isGood()).isFalse();
    assertThat(verdict.succeeded(Kind.REMOVAL)).isEqualTo(2);
    assertThat(verdict.partial(Kind.REMOVAL)).isEqualTo(1);
    assertThat(verdict.succeeded(Kind.SET)).isEqualTo(1);
    assertThat(verdict.partial(Kind.SET)).isEqualTo(1);
    assertThat(verdict.partial(Kind.BULK)).isZero();
    assertThat(verdict.line(1))
        .startsWith(
            "6 gets, 2 removals, 1 sets, 1 wrong values, 1 failed gets, 1 gets past their deadline of"
                + " 5000 ms, 1 stale reads past their bound (none in contact; else 34 s, with 4 s"
                + " of detection: 0), 1 values of failed sets after a later change, ")
        .endsWith("p99 8000 ms, maximum 8000 ms");
  }

  private static String[] with(List<String> lines, String... last) {
    return Stream.concat(lines.stream(), Stream.of(last)).toArray(String[]::new);
  }

  private static void assertFound(Finding finding, String... lines) {
    Verdict verdict = judge(lines);
    assertThat(verdict.counts()).as(String.join("; ", lines)).isEqualTo(Map.of(finding, 1L));
    assertThat(verdict.isGood()).isEqualTo(!finding.isBreach());
  }

  private static Verdict judge(String... lines) {
    Stream<String> up = Stream.of("note 0 up 0", "note 0 up 1");
    return Oracle.judge(
        Stream.concat(up, Stream.of(lines)).map(OracleTest::inSeconds).map(Event::parse).toList(),
        BOUNDS);
  }

  /** The times of a line, in nanoseconds. */
  private static String inSeconds(String line) {
    String[] words = line.split(" ", -1);
    int[] times =
        switch (words[0]) {
          case "get" -> new int[] {3, 4};
          case "removal", "set", "bulk" -> new int[] {4, 5, 6};
          default -> new int[] {1};
        };
    for (int at : times) {
      words[at] += "000000000";
    }
    return String.join(" ", words);
  }
}
