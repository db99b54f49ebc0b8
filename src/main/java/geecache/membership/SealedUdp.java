package geecache.membership;

import java.io.DataInput;
import java.io.IOException;
import java.net.InetAddress;
import java.security.SecureRandom;
import org.jgroups.Address;
import org.jgroups.Message;
import org.jgroups.protocols.UDP;
import org.jgroups.stack.IpAddress;
import org.jgroups.util.ByteArrayDataInputStream;
import org.jgroups.util.MessageBatch;
import org.jspecify.annotations.Nullable;

/**
 * JGroups' UDP with sealed datagrams, and a reader of its own for messages. JGroups has to see its
 * constructor, which is why it is public: it is of no use to anybody else.
 */
public final class SealedUdp extends UDP implements SealedTransport {
  /** What a datagram of IPv4 has room for, sealed. */
  static final int MAX_PACKET = 65_507 - DatagramSeal.OVERHEAD;

  private @Nullable DatagramSeal seal;
  private @Nullable Strangers strangers;
  private @Nullable MessageReader reader;

  /** Called by JGroups. */
  public SealedUdp() {
    // It would remember each sender whom it warns of; another cluster's messages cannot come here.
    logDiscardMsgs(false);
    logDiscardMsgsVersion(false);
  }

  @Override
  public void seal(SealingKeys keys, Strangers counted) {
    strangers = counted;
    seal = new DatagramSeal(keys, new SecureRandom(), System::nanoTime);
  }

  @Override
  public void init() throws Exception {
    super.init();
    if (bundler.getMaxSize() > MAX_PACKET) {
      throw new IllegalArgumentException(
          "bundler.max_size must be at most %d, so that a sealed datagram has room: %d"
              .formatted(MAX_PACKET, bundler.getMaxSize()));
    }
  }

  @Override
  public void start() throws Exception {
    reader = new MessageReader(getProtocolStack().getProtocols());
    super.start();
  }

  @Override
  protected void _send(InetAddress to, int port, byte[] data, int offset, int length)
      throws Exception {
    byte[] sealed = seal.seal(data, offset, length);
    super._send(to, port, sealed, 0, sealed.length);
  }

  @Override
  public void receive(Address sender, byte[] data, int offset, int length) {
    if (sender.equals(local_physical_addr)) {
      return; // JGroups has handed it up without the network.
    }
    DatagramSeal.Opened opened = seal.open(data, offset, length);
    if (opened == null) {
      strangers.dropped(sender);
      return;
    }
    byte[] reply = opened.reply();
    if (reply != null) {
      IpAddress to = (IpAddress) sender;
      try {
        super._send(to.getIpAddress(), to.getPort(), reply, 0, reply.length);
      } catch (Exception lost) { // As JGroups declares it. The next datagram is replied to as well.
        log.trace("a reply is lost", lost);
      }
    }
    for (byte[] text : opened.texts()) {
      if (text.length < MessageReader.MIN_PACKET_BYTES) {
        strangers.malformed(new IOException("a packet has " + text.length + " bytes"));
      } else {
        super.receive(sender, text, 0, text.length);
      }
    }
  }

  @Override
  protected void handleMessageBatch(DataInput in, boolean multicast) {
    try {
      for (MessageBatch batch : reader.batches((ByteArrayDataInputStream) in, multicast)) {
        msg_stats.received(batch);
        processBatch(batch, batch.mode() == MessageBatch.Mode.OOB);
      }
    } catch (IOException refused) {
      strangers.malformed(refused);
    }
  }

  @Override
  protected void handleSingleMessage(DataInput in, boolean multicast) {
    try {
      Message message = reader.message((ByteArrayDataInputStream) in);
      if (multicast || !unicastDestMismatch(message.getDest())) {
        msg_processing_policy.process(message, message.isFlagSet(Message.Flag.OOB));
        msg_stats.received(message);
      }
    } catch (IOException refused) {
      strangers.malformed(refused);
    }
  }
}
