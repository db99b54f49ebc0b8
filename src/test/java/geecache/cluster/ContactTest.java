package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ContactTest {
  private static final long NODE = 7;
  private static final long ANOTHER = 8;

  private final Contact contact = new Contact();

  private void meet(long node) {
    assertThat(contact.met(contact.losses(), node)).isTrue();
  }

  @Test
  void thereIsNoneAtFirst() {
    assertThat(contact.isMade()).isFalse();
    assertThat(contact.node()).isZero();
  }

  @Test
  void oneMeetingMakesIt() {
    meet(NODE);
    assertThat(contact.isMade()).isTrue();
    assertThat(contact.node()).isEqualTo(NODE);
    assertThat(contact.isWith(NODE)).isTrue();
    assertThat(contact.isMade()).isTrue();
  }

  @Test
  void itIsLostOnce() {
    meet(NODE);
    assertThat(contact.lose()).isTrue();
    assertThat(contact.isMade()).isFalse();
    assertThat(contact.lose()).isFalse();
  }

  /** It is still the same node: it may be peeked at. */
  @Test
  void theNodeThatWasMetIsRememberedWithoutContact() {
    meet(NODE);
    contact.lose();
    assertThat(contact.node()).isEqualTo(NODE);
  }

  @Test
  void theNextMeetingMakesItAgain() {
    meet(NODE);
    contact.lose();
    meet(NODE);
    assertThat(contact.isMade()).isTrue();
  }

  @Test
  void aRemovalThatFailsDuringAMeetingIsToldByTheNext() {
    meet(NODE);
    contact.lose();
    long underWay = contact.losses();
    contact.lose(); // The removal is carried out after the meeting looked which ones are missing.
    assertThat(contact.met(underWay, NODE)).isFalse();
    assertThat(contact.isMade()).isFalse();
    meet(NODE);
    assertThat(contact.isMade()).isTrue();
  }

  @Test
  void aRemovalThatFailsDuringTheFirstMeetingIsToldByTheNext() {
    long underWay = contact.losses();
    contact.lose();
    assertThat(contact.met(underWay, NODE)).isFalse();
    assertThat(contact.isMade()).isFalse();
    assertThat(contact.node()).isEqualTo(NODE);
  }

  @Test
  void anotherNodeInItsPlaceIsMetLikeAnyOther() {
    meet(NODE);
    contact.lose();
    meet(ANOTHER);
    assertThat(contact.isWith(ANOTHER)).isTrue();
    assertThat(contact.isWith(NODE)).isFalse();
  }

  @Test
  void anAnswerByAnotherNodeEndsIt() {
    meet(NODE);
    assertThat(contact.isWith(ANOTHER)).isFalse();
    assertThat(contact.isMade()).isFalse();
    assertThat(contact.node()).isZero();
    meet(ANOTHER);
    assertThat(contact.isWith(ANOTHER)).isTrue();
  }

  @Test
  void anAnswerByAnotherNodeDuringAMeetingVoidsTheMeeting() {
    meet(NODE);
    contact.lose();
    long underWay = contact.losses();
    assertThat(contact.isWith(ANOTHER)).isFalse();
    assertThat(contact.met(underWay, NODE)).isFalse();
    assertThat(contact.isMade()).isFalse();
  }
}
