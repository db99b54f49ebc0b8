package geecache.membership;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Message;
import org.jgroups.stack.Protocol;
import org.jgroups.util.UUID;

/** What comes from the network before anybody has shown the secret. */
final class SealFuzz {
  private static final SealingKeys KEYS = new SealingKeys(List.of("sixteen-letters-"), "nodes");
  private static final Address SENDER = UUID.randomUUID();

  @FuzzTest
  void isDroppedUnlessSealed(FuzzedDataProvider data) throws GeneralSecurityException {
    int fault = data.consumeInt();
    byte change = data.consumeByte();
    byte[] bytes = data.consumeRemainingAsBytes();
    List<Message> heard = new ArrayList<>();
    Seal seal = new Seal(KEYS);
    seal.setUpProtocol(
        new Protocol() {
          @Override
          public Object up(Message message) {
            return heard.add(message);
          }
        });

    seal.up(new BytesMessage(null, bytes).setSrc(SENDER));
    assertThat(KEYS.open(bytes, 0, bytes.length)).isNull();

    byte[] sealed = KEYS.seal(bytes, 0, bytes.length);
    assertThat(KEYS.open(sealed, 0, sealed.length)).isEqualTo(bytes);
    sealed[Math.floorMod(fault, sealed.length)] ^= change == 0 ? 1 : change;
    assertThat(KEYS.open(sealed, 0, sealed.length)).isNull();
    seal.up(new BytesMessage(null, sealed).setSrc(SENDER));
    assertThat(heard).isEmpty();
    assertThat(seal.dropped()).isEqualTo(2);
  }
}
