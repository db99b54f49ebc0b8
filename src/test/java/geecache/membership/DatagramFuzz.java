package geecache.membership;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.security.SecureRandom;
import java.util.List;

/** Datagrams, before and after their sender has shown the secret. */
final class DatagramFuzz {
  private static final SealingKeys KEYS = new SealingKeys(List.of("sixteen-letters-"), "nodes");

  @FuzzTest
  void isDroppedUnlessSealed(FuzzedDataProvider data) {
    int fault = data.consumeInt();
    byte change = data.consumeByte();
    byte[] bytes = data.consumeRemainingAsBytes();
    DatagramSeal sender = new DatagramSeal(KEYS, new SecureRandom(), () -> 0);
    DatagramSeal receiver = new DatagramSeal(KEYS, new SecureRandom(), () -> 0);
    assertThat(receiver.open(bytes, 0, bytes.length)).isNull();

    byte[] sealed = sender.seal(bytes, 0, bytes.length);
    byte[] changed = sealed.clone();
    changed[Math.floorMod(fault, changed.length)] ^= change == 0 ? 1 : change;
    assertThat(receiver.open(changed, 0, changed.length)).isNull();
    byte[] question = receiver.open(sealed, 0, sealed.length).reply();
    byte[] answer = sender.open(question, 0, question.length).reply();
    List<byte[]> heard = receiver.open(answer, 0, answer.length).texts();
    assertThat(heard)
        .hasSize(bytes.length <= DatagramSeal.MAX_HELD - DatagramSeal.ENTRY_BYTES ? 1 : 0)
        .allMatch(text -> java.util.Arrays.equals(text, bytes));
    assertThat(receiver.open(changed, 0, changed.length)).isNull();
    assertThat(receiver.open(sealed, 0, sealed.length).texts()).hasSize(1 - heard.size());
  }
}
