package geecache.membership;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import org.jgroups.BytesMessage;
import org.jgroups.EmptyMessage;
import org.jgroups.LongMessage;
import org.jgroups.Message;
import org.jgroups.ObjectMessage;
import org.jgroups.util.ByteArrayDataInputStream;
import org.jgroups.util.Digest;
import org.jgroups.util.MessageBatch;
import org.jgroups.util.SeqnoList;
import org.jspecify.annotations.Nullable;

/** What a node sends that has the secret, or that needs none. */
final class MessageReaderFuzz {
  private static final MessageReader READER =
      new MessageReader(
          Channels.channel(Channelled.tcp("c", new int[] {7800}, 0), new Strangers())
              .getProtocolStack()
              .getProtocols());

  @FuzzTest
  void isReadOrRefused(FuzzedDataProvider data) {
    boolean many = data.consumeBoolean();
    byte[] bytes = data.consumeRemainingAsBytes();
    if (bytes.length < MessageReader.MIN_PACKET_BYTES) {
      return; // As the transports do.
    }
    ByteArrayDataInputStream in = new ByteArrayDataInputStream(bytes);
    try {
      if (many) {
        for (MessageBatch batch : READER.batches(in, true)) {
          batch.forEach(MessageReaderFuzz::assertHarmless);
        }
      } else {
        assertHarmless(READER.message(in));
      }
    } catch (IOException refused) {
      // As it may be; nothing else is thrown.
    }
  }

  private static void assertHarmless(Message message) {
    assertThat(message)
        .isInstanceOfAny(
            BytesMessage.class, EmptyMessage.class, LongMessage.class, ObjectMessage.class);
    assertThat(message.isFlagSet(Message.Flag.SERIALIZED)).isFalse();
    if (message instanceof ObjectMessage) {
      @Nullable Object object = message.getObject();
      assertThat(object == null || object instanceof Digest || object instanceof SeqnoList)
          .isTrue();
    }
  }
}
