package geecache.membership;

import geecache.internal.ControlCharacters;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Message;
import org.jgroups.stack.Protocol;
import org.jgroups.util.ByteArray;
import org.jgroups.util.FastArray;
import org.jgroups.util.MessageBatch;
import org.jgroups.util.Util;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The protocol right above the transport: seals whole messages, headers included, and drops what no
 * secret of this cluster has sealed. So strangers are heard by no protocol above, can neither join
 * nor merge nor have a member suspected, and read nothing but addresses, sizes and the cluster's
 * name.
 */
final class Seal extends Protocol {
  private static final Logger logger = LoggerFactory.getLogger(Seal.class);

  private final SealingKeys keys;
  private final LongAdder dropped = new LongAdder();

  /** Whether it was said that something was dropped: once is enough. */
  private final AtomicBoolean warned = new AtomicBoolean();

  Seal(SealingKeys keys) {
    this.keys = keys;
  }

  /** Returns how many messages came that nobody of this cluster has sealed. */
  long dropped() {
    return dropped.sum();
  }

  @Override
  public Object down(Message message) {
    if (message.getSrc() == null) {
      message.setSrc(local_addr);
    }
    Message sealed;
    try {
      ByteArray bytes = Util.messageToBuffer(message);
      byte[] payload = keys.seal(bytes.getArray(), bytes.getOffset(), bytes.getLength());
      sealed = new BytesMessage(message.getDest(), payload);
    } catch (Exception failure) { // As JGroups declares it.
      throw new IllegalStateException("a message cannot be sealed", failure);
    }
    // Another object, since protocols above keep theirs to send them again.
    sealed
        .setSrc(message.getSrc())
        .setFlag(message.getFlags(false), false)
        .setFlag(message.getFlags(true), true);
    return down_prot.down(sealed);
  }

  @Override
  public @Nullable Object up(Message sealed) {
    Message message = open(sealed, sealed.getSrc());
    return message == null ? null : up_prot.up(message);
  }

  @Override
  public void up(MessageBatch batch) {
    @SuppressWarnings("unchecked") // As JGroups' own encryption does.
    FastArray<Message>.FastIterator each = (FastArray<Message>.FastIterator) batch.iterator();
    while (each.hasNext()) {
      Message message = open(each.next(), batch.sender());
      if (message == null) {
        each.remove();
      } else {
        each.replace(message);
      }
    }
    if (!batch.isEmpty()) {
      up_prot.up(batch);
    }
  }

  /**
   * Returns null for what is dropped.
   *
   * @param sender for whom protocols above will take its sender, in a batch without a look at it
   */
  private @Nullable Message open(Message sealed, Address sender) {
    try {
      byte[] bytes =
          sealed.hasArray()
              ? keys.open(sealed.getArray(), sealed.getOffset(), sealed.getLength())
              : null;
      if (bytes != null) {
        Message message = Util.messageFromBuffer(bytes, 0, bytes.length);
        // To whom it was sent is sealed too: nobody can have another member read it.
        if (Objects.equals(message.getDest(), sealed.getDest())
            && Objects.equals(message.getSrc(), sealed.getSrc())
            && Objects.equals(message.getSrc(), sender)) {
          return message.setFlag(sealed.getFlags(true), true);
        }
      }
    } catch (IOException | GeneralSecurityException malformed) {
      // Dropped, as below.
    } catch (Exception malformed) { // As JGroups declares it.
      logger.debug("a message cannot be read", malformed);
    }
    dropped.increment();
    if (warned.compareAndSet(false, true)) {
      logger.warn(
          "a JGroups message of {} is dropped, as all others will be that are not sealed with the"
              + " secret of this cluster: geecache.secret must be the same on all nodes",
          ControlCharacters.escape(String.valueOf(sealed.getSrc())));
    }
    return null;
  }
}
