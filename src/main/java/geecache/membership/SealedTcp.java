package geecache.membership;

import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.IOException;
import java.net.SocketException;
import org.jgroups.Address;
import org.jgroups.Message;
import org.jgroups.protocols.TCP;
import org.jgroups.util.ByteArrayDataInputStream;
import org.jgroups.util.MessageBatch;
import org.jgroups.util.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * JGroups' TCP over sealed sockets, with a reader of its own for messages. JGroups has to see its
 * constructor, which is why it is public: it is of no use to anybody else.
 */
public final class SealedTcp extends TCP implements SealedTransport {
  /**
   * The longest packet. JGroups gathers 64 KB into one, but a view is sent whole however long it
   * is: some 300 KB, with 1,024 nodes whose URLs are as long as they may be, and its digest beside
   * it.
   */
  static final int MAX_PACKET = 1024 * 1024;

  private static final int CHUNK = 8 * 1024;

  private @Nullable SealedSockets sockets;
  private @Nullable Strangers strangers;
  private @Nullable MessageReader reader;

  /** Called by JGroups. */
  public SealedTcp() {
    // It would remember each sender whom it warns of; another cluster's messages cannot come here.
    logDiscardMsgs(false);
    logDiscardMsgsVersion(false);
  }

  @Override
  public void seal(SealingKeys keys, Strangers counted) {
    strangers = counted;
    sockets = new SealedSockets(keys, counted, System::nanoTime);
  }

  @Override
  public SocketFactory getSocketFactory() {
    return sockets == null ? super.getSocketFactory() : sockets;
  }

  @Override
  public void start() throws Exception {
    reader = new MessageReader(getProtocolStack().getProtocols());
    setBufferedInputStreamSize(0).setBufferedOutputStreamSize(0); // Sealed streams have buffers.
    super.start();
  }

  @Override
  public void stop() {
    super.stop();
    if (sockets != null) {
      sockets.closeServers();
    }
  }

  /** Takes a packet from a connection, with no more memory than what has come of it. */
  @Override
  public void receive(Address sender, DataInput in, int length) throws Exception {
    if (length < MessageReader.MIN_PACKET_BYTES || length > MAX_PACKET) {
      SocketException refused = new SocketException("a packet has " + length + " bytes");
      strangers.malformed(refused);
      throw refused; // The connection ends.
    }
    byte[] chunk = new byte[Math.min(length, CHUNK)];
    ByteArrayOutputStream packet = new ByteArrayOutputStream(chunk.length);
    while (packet.size() < length) {
      int part = Math.min(chunk.length, length - packet.size());
      in.readFully(chunk, 0, part);
      packet.write(chunk, 0, part);
    }
    super.receive(sender, packet.toByteArray(), 0, length);
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
