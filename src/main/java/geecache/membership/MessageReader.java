package geecache.membership;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jgroups.Address;
import org.jgroups.BaseMessage;
import org.jgroups.BytesMessage;
import org.jgroups.EmptyMessage;
import org.jgroups.Header;
import org.jgroups.LongMessage;
import org.jgroups.Message;
import org.jgroups.ObjectMessage;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.FragHeader;
import org.jgroups.protocols.PingHeader;
import org.jgroups.protocols.UnicastHeader3;
import org.jgroups.protocols.pbcast.NakAckHeader2;
import org.jgroups.stack.IpAddress;
import org.jgroups.stack.Protocol;
import org.jgroups.util.AsciiString;
import org.jgroups.util.Bits;
import org.jgroups.util.ByteArrayDataInputStream;
import org.jgroups.util.Digest;
import org.jgroups.util.ExtendedUUID;
import org.jgroups.util.MessageBatch;
import org.jgroups.util.MutableDigest;
import org.jgroups.util.SeqnoList;
import org.jgroups.util.SizeStreamable;
import org.jgroups.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads messages in JGroups' format, in place of JGroups' own factory, and admits only those that
 * the protocols of a stack send. So not even a node that has the secret can have a Java object
 * deserialized, a class loaded by its name, or memory taken for more than has come. Immutable, and
 * safe for use by many threads.
 */
final class MessageReader {
  /** What comes before the messages of a packet: JGroups' version, and flags. */
  private static final int PACKET_HEADER_BYTES = 3;

  /** A message that JGroups sends in parts has no more of them: some 15 MB. */
  private static final int MAX_FRAGMENTS = 256;

  /** How many messages may be asked for once more at a time. */
  private static final int MAX_MISSING = 64 * 1024;

  /**
   * The highest number of a message, of those that each sender counts from 1 on, anew with each
   * channel: JGroups makes rows of a table up to it. Membership reaches it after years at the
   * earliest, as only views and their like are numbered. A configuration that has its heartbeats
   * numbered, with one every 3 s, reaches it after a year and a half.
   */
  static final long MAX_SEQNO = 1 << 24;

  private static final int MAX_HEADERS = 16;
  private static final int DEST_SET = 1;
  private static final int SRC_SET = 2;

  /** Type, what is set, flags, and the number of headers. */
  private static final int MIN_MESSAGE_BYTES = 7;

  /** JGroups stumbles over packets that have less. */
  static final int MIN_PACKET_BYTES = PACKET_HEADER_BYTES + MIN_MESSAGE_BYTES;

  private static final short EXTENDED_UUID = ClassConfigurator.getMagicNumber(ExtendedUUID.class);
  private static final short DIGEST = ClassConfigurator.getMagicNumber(Digest.class);
  private static final short MUTABLE_DIGEST = ClassConfigurator.getMagicNumber(MutableDigest.class);
  private static final short SEQNO_LIST = ClassConfigurator.getMagicNumber(SeqnoList.class);

  /** The number of the class of its header, by the id of each protocol of the stack. */
  private final Map<Short, Short> headers = new HashMap<>();

  /** Makes a reader for what these protocols send. */
  MessageReader(List<Protocol> stack) {
    for (Protocol protocol : stack) {
      AdmittedProtocols.header(protocol.getClass())
          .ifPresent(
              header -> headers.put(protocol.getId(), ClassConfigurator.getMagicNumber(header)));
    }
  }

  /**
   * Reads messages that have one sender and one destination.
   *
   * @return a batch of those that need no order, and one of those that do; without empty ones
   * @throws IOException if they are not such as this stack sends
   */
  List<MessageBatch> batches(ByteArrayDataInputStream in, boolean multicast) throws IOException {
    try {
      return readBatches(in, multicast);
    } catch (RuntimeException malformed) {
      throw new IOException(malformed);
    }
  }

  private List<MessageBatch> readBatches(ByteArrayDataInputStream in, boolean multicast)
      throws IOException {
    Address destination = address(in);
    Address source = address(in);
    AsciiString cluster = cluster(in);
    int count = in.readInt();
    if (count < 0 || count > left(in) / MIN_MESSAGE_BYTES) {
      throw new IOException(count + " messages are announced");
    }
    List<Message> oob = new ArrayList<>();
    List<Message> regular = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Message message = message(in, destination, source);
      (message.isFlagSet(Message.Flag.OOB) ? oob : regular).add(message);
    }
    List<MessageBatch> batches = new ArrayList<>();
    for (List<Message> messages : List.of(oob, regular)) {
      if (!messages.isEmpty()) {
        MessageBatch.Mode mode = messages == oob ? MessageBatch.Mode.OOB : MessageBatch.Mode.REG;
        MessageBatch batch =
            new MessageBatch(destination, source, cluster, multicast, mode, messages.size());
        messages.forEach(batch::add);
        batches.add(batch);
      }
    }
    return batches;
  }

  /**
   * Reads one message.
   *
   * @throws IOException if it is not such as this stack sends
   */
  Message message(ByteArrayDataInputStream in) throws IOException {
    try {
      return message(in, null, null);
    } catch (RuntimeException malformed) {
      throw new IOException(malformed);
    }
  }

  private Message message(
      ByteArrayDataInputStream in, @Nullable Address destination, @Nullable Address source)
      throws IOException {
    short type = in.readShort();
    byte set = in.readByte();
    short flags = in.readShort();
    if ((flags & Message.Flag.SERIALIZED.value()) != 0) {
      throw new IOException("a Java object is announced");
    }
    Address dest = (set & DEST_SET) != 0 ? address(in) : destination;
    Address src = (set & SRC_SET) != 0 ? address(in) : source;
    Header[] carried = headers(in);
    BaseMessage message = payload(type, in);
    for (Header header : carried) {
      check(header, message);
    }
    message.headers(carried).setDest(dest).setSrc(src).setFlag(flags, false);
    return message;
  }

  private static BaseMessage payload(short type, ByteArrayDataInputStream in) throws IOException {
    switch (type) {
      case Message.EMPTY_MSG:
        return new EmptyMessage();
      case Message.BYTES_MSG:
        return bytes(in);
      case Message.LONG_MSG:
        return new LongMessage().setValue(Bits.readLongCompressed(in));
      case Message.OBJ_MSG:
        ObjectMessage object = new ObjectMessage();
        object.setObject(streamable(in));
        return object;
      default:
        throw new IOException("messages of type " + type + " are not sent here");
    }
  }

  private static BytesMessage bytes(ByteArrayDataInputStream in) throws IOException {
    int length = in.readInt();
    if (length > left(in)) {
      throw new IOException(length + " bytes are announced");
    }
    BytesMessage message = new BytesMessage();
    if (length >= 0) {
      byte[] bytes = new byte[length];
      in.readFully(bytes);
      message.setArray(bytes, 0, length);
    }
    return message;
  }

  /**
   * Reads one of the two things that protocols send as an object: a digest, and a list of numbers.
   */
  private static @Nullable SizeStreamable streamable(ByteArrayDataInputStream in)
      throws IOException {
    if (in.readByte() == 0) {
      return null;
    }
    short number = in.readShort();
    SizeStreamable read;
    if (number == DIGEST || number == MUTABLE_DIGEST) {
      read = new Digest();
    } else if (number == SEQNO_LIST) {
      int start = in.position();
      int missing = in.readInt();
      in.position(start);
      if (missing < 1 || missing > MAX_MISSING) {
        throw new IOException(missing + " numbers are announced");
      }
      read = new SeqnoList(0);
    } else {
      throw new IOException("objects of class " + number + " are not sent here");
    }
    return read(read, in);
  }

  private Header[] headers(ByteArrayDataInputStream in) throws IOException {
    int count = in.readShort();
    if (count < 0 || count > MAX_HEADERS) {
      throw new IOException(count + " headers are announced");
    }
    Header[] read = new Header[Math.max(1, count)];
    for (int i = 0; i < count; i++) {
      short protocol = in.readShort();
      short number = in.readShort();
      Short admitted = headers.get(protocol);
      if (admitted == null || admitted != number) {
        throw new IOException(
            "header %d of protocol %d is not sent here".formatted(number, protocol));
      }
      read[i] = header(number, in).setProtId(protocol);
    }
    return read;
  }

  private static Header header(short number, ByteArrayDataInputStream in) throws IOException {
    try {
      Header header = ClassConfigurator.create(number);
      header.readFrom(in);
      return header;
    } catch (ClassNotFoundException malformed) {
      throw new IOException(malformed);
    }
  }

  private static void check(@Nullable Header header, Message message) throws IOException {
    if (header instanceof FragHeader fragment) {
      check(fragment);
    } else if (header instanceof UnicastHeader3 numbered) {
      checkNumber(numbered.seqno());
    } else if (header instanceof NakAckHeader2 numbered) {
      if (numbered.getType() != NakAckHeader2.XMIT_REQ) { // That one has no number.
        checkNumber(numbered.getSeqno());
      }
    } else if (header instanceof PingHeader && message.getLength() > 0) {
      checkAnswers(message);
    }
  }

  private static void checkNumber(long number) throws IOException {
    if (number < 0 || number > MAX_SEQNO) {
      throw new IOException("a message has the number " + number);
    }
  }

  /** JGroups makes a list for as many as are announced. */
  private static void checkAnswers(Message message) throws IOException {
    if (!message.hasArray()) {
      throw new IOException("answers to a search for members are bytes");
    }
    int length = message.getLength();
    int count = ByteBuffer.wrap(message.getArray(), message.getOffset(), length).getInt();
    if (count < 0 || count > length / Integer.BYTES) {
      throw new IOException(count + " answers to a search for members are announced");
    }
  }

  /** What its parts make would be read by JGroups' own factory, if it is more than bytes. */
  private static void check(FragHeader fragment) throws IOException {
    if (fragment.needsDeserialization()
        || fragment.num_frags < 1
        || fragment.num_frags > MAX_FRAGMENTS
        || fragment.frag_id < 0
        || fragment.frag_id >= fragment.num_frags) {
      throw new IOException("a part of a message is not such as is sent here: " + fragment);
    }
  }

  /** Reads a member's address, or where it listens; null if there is none. */
  private static @Nullable Address address(ByteArrayDataInputStream in) throws IOException {
    byte kind = in.readByte();
    if ((kind & Address.NULL) != 0) {
      return null;
    }
    if ((kind & Address.UUID_ADDR) != 0) {
      return read(new UUID(), in);
    }
    if ((kind & Address.IP_ADDR) != 0) {
      return read(new IpAddress(), in);
    }
    if (kind == 0 && in.readShort() == EXTENDED_UUID) {
      return read(new ExtendedUUID(), in);
    }
    throw new IOException("addresses of kind " + kind + " are not sent here");
  }

  private static <T extends SizeStreamable> T read(T empty, ByteArrayDataInputStream in)
      throws IOException {
    try {
      empty.readFrom(in);
      return empty;
    } catch (ClassNotFoundException malformed) {
      throw new IOException(malformed);
    }
  }

  private static @Nullable AsciiString cluster(ByteArrayDataInputStream in) throws IOException {
    short length = in.readShort();
    if (length < 0) {
      return null;
    }
    if (length > left(in)) {
      throw new IOException("a name of " + length + " bytes is announced");
    }
    byte[] name = new byte[length];
    in.readFully(name);
    return new AsciiString(name);
  }

  private static int left(ByteArrayDataInputStream in) {
    return in.limit() - in.position();
  }
}
