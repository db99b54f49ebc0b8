package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ContactTest {
  private static final long NODE = 7;
  private static final long ANOTHER = 8;

  private final Contact contact = new Contact();

  private void meet() {
    assertThat(contact.met(contact.attempt(), NODE)).isTrue();
  }

  @Test
  void thereIsNoneAtFirstAndAllIsToBeTold() {
    assertThat(contact.isMade()).isFalse();
    assertThat(contact.attempt().toldUpTo()).isZero();
  }

  @Test
  void oneMeetingMakesIt() {
    meet();
    assertThat(contact.isMade()).isTrue();
    assertThat(contact.isWith(NODE)).isTrue();
  }

  @Test
  void itIsLostOnce() {
    meet();
    assertThat(contact.lose(5)).isTrue();
    assertThat(contact.isMade()).isFalse();
    assertThat(contact.lose(9)).isFalse();
  }

  @Test
  void theNextMeetingBeginsAtTheFirstMissedRemoval() {
    meet();
    contact.lose(9);
    contact.lose(5);
    contact.lose(7);
    assertThat(contact.attempt().toldUpTo()).isEqualTo(5);
    meet();
    assertThat(contact.isMade()).isTrue();
  }

  @Test
  void aToldRemovalIsNotToldAgain() {
    meet();
    contact.lose(5);
    meet();
    contact.lose(9);
    assertThat(contact.attempt().toldUpTo()).isEqualTo(9);
  }

  @Test
  void aRemovalThatFailsDuringAMeetingIsToldByTheNext() {
    meet();
    contact.lose(5);
    Contact.Attempt underWay = contact.attempt();
    contact.lose(9); // The removal is entry 10, which this meeting does not tell.
    assertThat(contact.met(underWay, NODE)).isFalse();
    assertThat(contact.isMade()).isFalse();
    assertThat(contact.attempt().toldUpTo()).isEqualTo(5);
    meet();
  }

  @Test
  void aRemovalThatFailsDuringTheFirstMeetingIsToldByTheNext() {
    Contact.Attempt underWay = contact.attempt();
    contact.lose(3);
    assertThat(contact.met(underWay, NODE)).isFalse();
    assertThat(contact.isMade()).isFalse();
    assertThat(contact.attempt().toldUpTo()).isZero();
    meet();
  }

  @Test
  void anotherNodeInItsPlaceIsToldAll() {
    meet();
    contact.lose(5);
    Contact.Attempt partial = contact.attempt();
    assertThat(contact.met(partial, ANOTHER)).isFalse();
    assertThat(contact.isMade()).isFalse();
    Contact.Attempt whole = contact.attempt();
    assertThat(whole.toldUpTo()).isZero();
    assertThat(contact.met(whole, ANOTHER)).isTrue();
    assertThat(contact.isMade()).isTrue();
  }

  @Test
  void anAnswerByAnotherNodeEndsIt() {
    meet();
    assertThat(contact.isWith(ANOTHER)).isFalse();
    assertThat(contact.isMade()).isFalse();
    assertThat(contact.attempt().toldUpTo()).isZero();
    assertThat(contact.met(contact.attempt(), ANOTHER)).isTrue();
    assertThat(contact.isWith(ANOTHER)).isTrue();
  }

  @Test
  void anAnswerByAnotherNodeDuringAMeetingVoidsTheMeeting() {
    meet();
    contact.lose(5);
    Contact.Attempt underWay = contact.attempt();
    assertThat(contact.isWith(ANOTHER)).isFalse();
    assertThat(contact.met(underWay, NODE)).isFalse();
    assertThat(contact.isMade()).isFalse();
    assertThat(contact.attempt().toldUpTo()).isZero();
  }

  /**
   * The meeting began when nothing had been told yet, so that its beginning tells nothing apart.
   */
  @Test
  void anAnswerByAnotherNodeVoidsAMeetingThatTellsAll() {
    meet();
    contact.isWith(ANOTHER);
    Contact.Attempt underWay = contact.attempt();
    contact.isWith(NODE);
    assertThat(contact.met(underWay, ANOTHER)).isFalse();
    assertThat(contact.isMade()).isFalse();
  }
}
