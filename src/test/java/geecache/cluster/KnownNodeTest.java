package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.SimulatedWorld;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class KnownNodeTest {
  private static final long ID = 5;
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  private final SimulatedWorld world = new SimulatedWorld(1);
  private final KnownNode node =
      new KnownNode("http://b:2", new UnusedLink(), ClusterParts.senders(world));

  private static Standing standing(long number, boolean closed) {
    return new Standing(false, 0, number, closed);
  }

  private void meet() {
    node.contact().met(node.contact().losses(), ID);
    node.noteMet(false, true);
  }

  @Test
  void aNodeThatWasNeverInAViewHasNotVanished() {
    assertThat(node.isInView()).isFalse();
    assertThat(node.goneSince()).isNull();
    assertThat(node.hasVanished(0, MINUTE)).isFalse();
  }

  @Test
  void aNodeHasVanishedForAWhileAfterItLeftTheView() {
    node.enterView();
    assertThat(node.hasVanished(5, MINUTE)).isFalse();
    node.leaveView(5);
    assertThat(node.hasVanished(5 + MINUTE - 1, MINUTE)).isTrue();
    assertThat(node.hasVanished(5 + MINUTE, MINUTE)).isFalse();
    node.enterView();
    assertThat(node.hasVanished(6, MINUTE)).isFalse();
  }

  @Test
  void theGroupsOfANodeAreForgottenWhenItLeavesTheView() {
    GroupVersion users = new GroupVersion("users", "");
    node.enterView();
    assertThat(node.noteGroups(ID, false, 1, List.of("prices"))).isTrue();
    assertThat(node.noteGroups(ID, false, 1, List.of("prices"))).isFalse();
    assertThat(node.lacks(users)).isTrue();
    node.leaveView(0);
    assertThat(node.lacks(users)).isFalse();
  }

  @Test
  void aGroupThatIsRefusedOnceMoreIsNoNews() {
    GroupVersion users = new GroupVersion("users", "");
    assertThat(node.noteRefusal(ID, users, 1)).isTrue();
    assertThat(node.noteRefusal(ID, users, 2)).isFalse();
    assertThat(node.forgetRefusals(61, 60)).isFalse();
    assertThat(node.forgetRefusals(62, 60)).isTrue();
    assertThat(node.noteReturn(ID)).isFalse();
    assertThat(node.noteReturn(ID + 1)).isTrue();
  }

  /** It is still told changes. */
  @Test
  void contactOutlastsTheViewAndEndsWhenTheNodeReturns() {
    node.enterView();
    meet();
    node.leaveView(0);
    assertThat(node.contact().isMade()).isTrue();
    node.enterView();
    assertThat(node.contact().isMade()).isFalse();
  }

  @Test
  void aMeetingFromBeforeTheNodeReturnedMakesNoContact() {
    node.enterView();
    long underWay = node.contact().losses();
    node.leaveView(0);
    node.enterView();
    assertThat(node.contact().met(underWay, ID)).isFalse();
  }

  @Test
  void anEarlierStandingThatComesLaterDoesNotCount() {
    assertThat(node.noteStanding(ID, standing(2, false), 0)).isTrue();
    assertThat(node.noteStanding(ID, standing(1, true), 0)).isFalse();
    assertThat(node.isClosed()).isFalse();
    assertThat(node.noteStanding(ID, standing(2, false), 0)).isTrue();
    assertThat(node.noteStanding(ID, standing(3, true), 0)).isTrue();
    assertThat(node.isClosed()).isTrue();
  }

  /** After a restart it counts from the beginning. */
  @Test
  void theStandingOfAnotherNodeCounts() {
    node.noteStanding(ID, standing(9, true), 0);
    assertThat(node.noteStanding(ID + 1, standing(1, false), 0)).isTrue();
    assertThat(node.isClosed()).isFalse();
  }

  private void sayGoodbye(long id) {
    node.noteStanding(id, standing(1, false), 0);
    node.noteStanding(id, standing(2, true), 0);
    assertThat(node.isClosed()).isTrue();
  }

  @Test
  void aNodeThatSaidGoodbyeIsClosedUntilAnotherOneSpeaks() {
    sayGoodbye(ID);
    node.noteReturn(ID + 1);
    assertThat(node.isClosed()).isFalse();
    node.noteStanding(ID, standing(2, true), 0); // Comes late.
    assertThat(node.isClosed()).isFalse();
  }

  @Test
  void aNodeThatSaidGoodbyeIsClosedUntilItReturnsToTheView() {
    sayGoodbye(ID);
    node.leaveView(0);
    node.enterView();
    assertThat(node.isClosed()).isFalse();
  }

  /** It still answers while it is being closed. */
  @Test
  void aNodeThatSaidGoodbyeAndIsMetIsStillClosed() {
    sayGoodbye(ID);
    node.noteMet(false, true);
    assertThat(node.isClosed()).isTrue();
  }

  @Test
  void aNodeIsNewForAWhileAfterItJoined() {
    assertThat(node.isNew(0, MINUTE)).isFalse();
    node.noteStanding(ID, new Standing(false, 20_000, 1, false), 100);
    assertThat(node.isNew(100 + Duration.ofSeconds(40).toNanos() - 1, MINUTE)).isTrue();
    assertThat(node.isNew(100 + Duration.ofSeconds(40).toNanos(), MINUTE)).isFalse();
    assertThat(node.wasEmpty()).isFalse();
    node.noteStanding(ID, new Standing(false, -1, 1, false), 100);
    assertThat(node.isNew(100 + MINUTE - 1, MINUTE)).isTrue();
    assertThat(node.wasEmpty()).isTrue();
  }

  /** A node of version 1 cannot say what it knows, and is told all at its first meeting. */
  @Test
  void whatAnOldNodeWasToldIsRememberedAsLongAsItRuns() {
    VersionVector told = new VersionVector(Map.of(1L, 3L));
    assertThat(node.known(ID, null)).isEqualTo(VersionVector.EMPTY);
    node.noteKnown(ID, told);
    assertThat(node.known(ID, null)).isEqualTo(told);
    assertThat(node.known(ID + 1, null)).isEqualTo(VersionVector.EMPTY);
  }

  /** It has forgotten an origin since, and does not have to clear everything for that. */
  @Test
  void whatANodeKnewOnceItKnowsAsLongAsItRuns() {
    node.noteKnown(ID, new VersionVector(Map.of(1L, 3L, 2L, 5L)));
    VersionVector said = new VersionVector(Map.of(2L, 6L));
    assertThat(node.known(ID, said)).isEqualTo(new VersionVector(Map.of(1L, 3L, 2L, 6L)));
    assertThat(node.known(ID + 1, said)).isEqualTo(said);
  }

  @Test
  void aNodeIsPeekedAtOnceItWasMetAndUntilItFails() {
    assertThat(node.mayBePeekedAt()).isFalse();
    meet();
    assertThat(node.mayBePeekedAt()).isTrue();
    node.lose(LinkFailure.noContact("http://b:2"));
    assertThat(node.mayBePeekedAt()).isTrue();
    assertThat(node.suspendPeeks()).isTrue();
    assertThat(node.suspendPeeks()).isFalse();
    assertThat(node.mayBePeekedAt()).isFalse();
    meet();
    assertThat(node.mayBePeekedAt()).isTrue();
    node.noteMet(true, false);
    assertThat(node.mayBePeekedAt()).isFalse();
  }

  @Test
  void theFirstAttemptToMeetItEndsTheWait() {
    CompletableFuture<Void> met = node.metOrNot();
    assertThat(met).isNotDone();
    node.noteNotMet();
    assertThat(met).isDone();
  }

  @Test
  void aNodeThatReturnsToTheViewIsWaitedForAgain() {
    node.enterView();
    CompletableFuture<Void> first = node.metOrNot();
    node.enterView();
    assertThat(node.metOrNot()).isSameAs(first);
    meet();
    node.leaveView(0);
    node.enterView();
    assertThat(node.metOrNot()).isNotDone();
    meet();
    assertThat(node.metOrNot()).isDone();
  }

  /** But not again with each of its messages. */
  @Test
  void aNodeThatWasRestartedIsWaitedForAgain() {
    node.noteStanding(ID, standing(1, false), 0);
    meet();
    node.noteReturn(ID + 1);
    assertThat(node.metOrNot()).isNotDone();
    node.noteNotMet();
    node.noteReturn(ID + 1);
    assertThat(node.metOrNot()).isDone();
  }

  @Test
  void lostContactEndsTheChangesThatWait() {
    meet();
    CompletableFuture<ChangeSender.Told> told = node.sender().tell(1, 1);
    assertThat(told).isNotDone();
    assertThat(node.lose(LinkFailure.noContact("http://b:2"))).isTrue();
    assertThat(told).isCompletedExceptionally();
    assertThat(node.lose(LinkFailure.noContact("http://b:2"))).isFalse();
  }
}
