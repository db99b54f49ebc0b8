package geecache.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Message;
import org.jgroups.stack.Protocol;
import org.jgroups.util.MessageBatch;
import org.jgroups.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SealTest {
  private final Address one = UUID.randomUUID();
  private final Address other = UUID.randomUUID();
  private final List<Message> sent = new ArrayList<>();
  private final List<Message> heard = new ArrayList<>();
  private final Seal seal = new Seal(new SealingKeys(List.of("sixteen-letters-"), "nodes"));

  @BeforeEach
  void connect() {
    seal.setDownProtocol(
        new Protocol() {
          @Override
          public Object down(Message message) {
            return sent.add(message);
          }
        });
    seal.setUpProtocol(
        new Protocol() {
          @Override
          public void up(MessageBatch batch) {
            batch.forEach(heard::add);
          }
        });
  }

  /** Protocols above take the sender of a batch for that of each message in it. */
  @Test
  void aMessageInABatchOfAnotherSenderIsDropped() {
    seal.down(new BytesMessage(null, new byte[] {1}).setSrc(one));

    seal.up(batchOf(other));
    assertThat(heard).isEmpty();
    assertThat(seal.dropped()).isEqualTo(1);

    seal.up(batchOf(one));
    assertThat(heard).singleElement().extracting(Message::getSrc).isEqualTo(one);
  }

  private MessageBatch batchOf(Address sender) {
    MessageBatch batch = new MessageBatch(null, sender, null, true, MessageBatch.Mode.REG, 1);
    sent.forEach(batch::add);
    return batch;
  }
}
