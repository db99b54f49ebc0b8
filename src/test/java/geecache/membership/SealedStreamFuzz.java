package geecache.membership;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;

/** What comes over a connection, before and after its other end has shown the secret. */
final class SealedStreamFuzz {
  private static final SealingKeys KEYS = new SealingKeys(List.of("sixteen-letters-"), "nodes");
  private static final int HEADER_BYTES = 2;

  @FuzzTest
  void isRefusedUnlessSealed(FuzzedDataProvider data) throws IOException {
    int fault = data.consumeInt();
    byte change = data.consumeByte();
    int cut = data.consumeInt(1, 64);
    byte[] bytes = data.consumeRemainingAsBytes();

    Handshake handshake = new Handshake(KEYS, new SecureRandom());
    try {
      Handshake.Streams proved =
          handshake.asServer(new ByteArrayInputStream(bytes), new ByteArrayOutputStream());
      assertThat(proved).isNull();
      assertThat(bytes).isEmpty();
    } catch (NotSealedException | EOFException refused) {
      // As it must be.
    }

    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    SealedOutput out = new SealedOutput(sent, cipher());
    for (int at = 0; at < bytes.length; at += cut) {
      out.write(bytes, at, Math.min(cut, bytes.length - at));
      out.flush();
    }
    byte[] sealed = sent.toByteArray();
    assertThat(read(sealed).readAllBytes()).isEqualTo(bytes);
    if (sealed.length > 0) {
      sealed[Math.floorMod(fault, sealed.length)] ^= change == 0 ? 1 : change;
      ByteArrayOutputStream heard = new ByteArrayOutputStream();
      try {
        read(sealed).transferTo(heard);
        throw new AssertionError("a byte was changed, and nothing is missed");
      } catch (NotSealedException | EOFException refused) {
        // What came before the change was whole.
        int whole = Math.floorMod(fault, sealed.length) / (HEADER_BYTES + 16 + cut) * cut;
        assertThat(heard.toByteArray()).isEqualTo(Arrays.copyOf(bytes, whole));
      }
    }
  }

  private static SealedInput read(byte[] sealed) {
    return new SealedInput(new ByteArrayInputStream(sealed), cipher(), 0);
  }

  private static FrameCipher cipher() {
    return new FrameCipher(KEYS.derive(0, "fuzz"));
  }
}
