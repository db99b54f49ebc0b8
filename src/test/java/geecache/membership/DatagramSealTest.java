package geecache.membership;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DatagramSealTest {
  private static final SealingKeys KEYS = keys("the-secret-of-this-cluster");

  private final AtomicLong nanos = new AtomicLong();
  private final DatagramSeal sender = seal(KEYS);
  private final DatagramSeal receiver = seal(KEYS);

  private static SealingKeys keys(String... secrets) {
    return new SealingKeys(List.of(secrets), "c");
  }

  private DatagramSeal seal(SealingKeys keys) {
    return new DatagramSeal(keys, new SecureRandom(), nanos::get);
  }

  private static byte[] sealed(DatagramSeal by, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return by.seal(bytes, 0, bytes.length);
  }

  /** Brings a datagram, and what either end replies, and returns what is heard. */
  private static List<String> bring(byte[] datagram, DatagramSeal from, DatagramSeal to) {
    List<String> heard = new ArrayList<>();
    byte[] next = datagram;
    boolean forth = true;
    while (next != null) {
      DatagramSeal.Opened opened = (forth ? to : from).open(next, 0, next.length);
      if (opened == null) {
        heard.add("not sealed");
        return heard;
      }
      opened.texts().forEach(text -> heard.add(new String(text, UTF_8)));
      next = opened.reply();
      forth = !forth;
    }
    return heard;
  }

  private List<String> bring(byte[] datagram) {
    return bring(datagram, sender, receiver);
  }

  /** Brings a datagram while its sender does not answer. */
  private static List<String> replay(byte[] datagram, DatagramSeal to) {
    DatagramSeal.Opened opened = to.open(datagram, 0, datagram.length);
    return opened == null
        ? List.of("not sealed")
        : opened.texts().stream().map(text -> new String(text, UTF_8)).toList();
  }

  private void pass(long seconds) {
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
  }

  @Test
  void theFirstDatagramIsHeardOnceItsSenderHasAnswered() {
    byte[] first = sealed(sender, "a view");
    assertThat(replay(first, receiver)).isEmpty();
    assertThat(bring(first)).containsExactly("a view");
    assertThat(bring(sealed(sender, "another"))).containsExactly("another");
  }

  @Test
  void aDatagramIsHeardOnce() {
    byte[] first = sealed(sender, "1");
    byte[] second = sealed(sender, "2");
    assertThat(bring(second)).containsExactly("2");
    assertThat(bring(first)).containsExactly("1");
    assertThat(bring(first)).isEmpty();
    assertThat(bring(second)).isEmpty();
  }

  @Test
  void whatIsLostOrOvertakenHarmsNothing() {
    byte[] first = sealed(sender, "1");
    byte[] question = receiver.open(first, 0, first.length).reply();
    assertThat(question).isNotNull(); // And lost.
    byte[] second = sealed(sender, "2");
    assertThat(bring(second)).containsExactly("1", "2");
    byte[] third = sealed(sender, "3");
    assertThat(bring(sealed(sender, "4"))).containsExactly("4");
    assertThat(bring(third)).containsExactly("3");
  }

  @Test
  void anotherSecretAndAnotherClusterAreNotHeard() {
    for (SealingKeys others :
        List.of(
            keys("another-of-the-secrets"),
            keys(),
            new SealingKeys(List.of("the-secret-of-this-cluster"), "d"))) {
      assertThat(bring(sealed(seal(others), "a view"))).containsExactly("not sealed");
    }
  }

  @Test
  void secretsAreReplacedOneNodeAfterTheOther() {
    DatagramSeal before = seal(keys("old-secret-of-these", "new-secret-of-these"));
    DatagramSeal between = seal(keys("new-secret-of-these", "old-secret-of-these"));
    DatagramSeal after = seal(keys("new-secret-of-these"));
    assertThat(bring(sealed(before, "1"), before, between)).containsExactly("1");
    assertThat(bring(sealed(between, "2"), between, before)).containsExactly("2");
    assertThat(bring(sealed(between, "3"), between, after)).containsExactly("3");
    assertThat(bring(sealed(after, "4"), after, between)).containsExactly("4");
    assertThat(bring(sealed(before, "5"), before, after)).containsExactly("not sealed");
  }

  @Test
  void aBitThatIsChangedSpoilsIt() {
    bring(sealed(sender, "they know each other"));
    byte[] datagram = sealed(sender, "a view");
    for (int bit = 0; bit < datagram.length * Byte.SIZE; bit++) {
      byte[] changed = datagram.clone();
      changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      assertThat(replay(changed, receiver)).containsExactly("not sealed");
    }
    assertThat(bring(datagram)).containsExactly("a view");
  }

  @Test
  void aPartOfItIsNotOpened() {
    byte[] datagram = sealed(sender, "a view");
    for (int length = 0; length < datagram.length; length++) {
      assertThat(replay(Arrays.copyOf(datagram, length), receiver)).containsExactly("not sealed");
    }
  }

  @Test
  void aRecordingOfASenderThatIsGoneIsNeverHeard() {
    List<byte[]> recorded = List.of(sealed(sender, "1"), sealed(sender, "2"));
    DatagramSeal restarted = seal(KEYS);
    for (int i = 0; i < 3; i++) {
      recorded.forEach(datagram -> assertThat(replay(datagram, restarted)).isEmpty());
    }
    // Nor is what it once answered: it was another's question, and another time.
    DatagramSeal asker = seal(KEYS);
    byte[] question = asker.open(recorded.get(0), 0, recorded.get(0).length).reply();
    byte[] answer = sender.open(question, 0, question.length).reply();
    assertThat(replay(answer, asker)).containsExactly("1");
    assertThat(replay(answer, restarted)).isEmpty();
  }

  /** All but the last three seconds or so, in which its own sender would be heard as well. */
  @Test
  void aRecordingOfASenderThatLivesIsNotHeardAfterARestart() {
    byte[] recorded = sealed(sender, "long ago");
    pass(1);
    sealed(sender, "since");
    pass(3);
    DatagramSeal restarted = seal(KEYS);
    assertThat(bring(recorded, sender, restarted)).isEmpty();
    assertThat(bring(sealed(sender, "now"), sender, restarted)).containsExactly("now");
    assertThat(bring(recorded, sender, restarted)).isEmpty();
  }

  @Test
  void aQuestionThatIsPlayedBackMakesNobodyHeard() {
    byte[] first = sealed(sender, "1");
    byte[] question = receiver.open(first, 0, first.length).reply();
    DatagramSeal.Opened answered = sender.open(question, 0, question.length);
    assertThat(answered.reply()).isNotNull();
    assertThat(replay(question, seal(KEYS))).isEmpty(); // It asks somebody else.
    assertThat(replay(question, receiver)).isEmpty(); // It asked that itself.
  }

  /** Its sender has the secret, and could have the window of those who know it at its end. */
  @Test
  void numbersThatNoSenderReachesAreNotOpened() {
    for (long number : new long[] {Long.MAX_VALUE, DatagramSeal.MAX_NUMBER + 1, -1}) {
      assertThat(replay(numbered(number), receiver)).containsExactly("not sealed");
    }
    assertThat(replay(numbered(DatagramSeal.MAX_NUMBER), receiver)).isEmpty(); // It is asked.
  }

  private static byte[] numbered(long number) {
    byte[] session = new byte[16];
    byte[] text = new byte[20];
    byte[] datagram = new byte[DatagramSeal.OVERHEAD + text.length];
    ByteBuffer.wrap(datagram).put((byte) 0x21).put(session).putLong(number);
    new FrameCipher(KEYS.derive(0, "datagrams", session))
        .seal(number, text, 0, text.length, datagram, 25);
    return datagram;
  }

  @Test
  void whatIsHeldBackIsBounded() {
    List<byte[]> recorded = new ArrayList<>();
    String text = "x".repeat(DatagramSeal.MAX_HELD / 4 - DatagramSeal.ENTRY_BYTES);
    for (int i = 0; i < 10; i++) {
      recorded.add(sealed(sender, text));
    }
    recorded.forEach(datagram -> assertThat(replay(datagram, receiver)).isEmpty());
    assertThat(bring(sealed(sender, "last"))).hasSize(4).doesNotContain("last");
    assertThat(bring(sealed(sender, "and after"))).containsExactly("and after");
  }

  /** Each takes memory, however short it is. */
  @Test
  void thoseThatAreHeldBackAreBounded() {
    int most = DatagramSeal.MAX_HELD / DatagramSeal.ENTRY_BYTES;
    for (int i = 0; i < 2 * most; i++) {
      assertThat(replay(sealed(sender, ""), receiver)).isEmpty();
    }
    assertThat(bring(sealed(sender, "last"))).hasSize(most).doesNotContain("last");
    assertThat(bring(sealed(sender, "and after"))).containsExactly("and after");
  }

  @Test
  void sessionsThatAreAskedAreBounded() {
    byte[] first = sealed(sender, "first");
    replay(first, receiver);
    for (int i = 0; i < DatagramSeal.MAX_ASKED; i++) {
      replay(sealed(seal(KEYS), "a recording"), receiver);
    }
    assertThat(bring(sealed(sender, "second"))).containsExactly("second"); // It is asked anew.
  }

  @Test
  void aSenderThatWasForgottenIsAskedAgain() {
    assertThat(bring(sealed(sender, "1"))).containsExactly("1");
    byte[] recorded = sealed(sender, "2");
    assertThat(bring(recorded)).containsExactly("2");
    pass(3);
    for (int i = 0; i < DatagramSeal.MAX_KNOWN; i++) {
      DatagramSeal other = seal(KEYS);
      assertThat(bring(sealed(other, "hello"), other, receiver)).containsExactly("hello");
    }
    assertThat(bring(recorded)).isEmpty();
    assertThat(bring(sealed(sender, "3"))).containsExactly("3");
  }

  @Test
  void whatComesBackToItsSenderIsNotHeard() {
    assertThat(replay(sealed(sender, "mine"), sender)).isEmpty();
  }
}
