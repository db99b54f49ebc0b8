package geecache.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.CompositeMessage;
import org.jgroups.EmptyMessage;
import org.jgroups.Header;
import org.jgroups.JChannel;
import org.jgroups.LongMessage;
import org.jgroups.Message;
import org.jgroups.NioMessage;
import org.jgroups.ObjectMessage;
import org.jgroups.View;
import org.jgroups.protocols.AuthHeader;
import org.jgroups.protocols.Discovery;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FRAG2;
import org.jgroups.protocols.FailureDetection.HeartbeatHeader;
import org.jgroups.protocols.FragHeader;
import org.jgroups.protocols.PingData;
import org.jgroups.protocols.PingHeader;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.TP;
import org.jgroups.protocols.TpHeader;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.UnicastHeader3;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.NakAckHeader2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.Protocol;
import org.jgroups.util.AsciiString;
import org.jgroups.util.ByteArray;
import org.jgroups.util.ByteArrayDataInputStream;
import org.jgroups.util.ByteArrayDataOutputStream;
import org.jgroups.util.MessageBatch;
import org.jgroups.util.MutableDigest;
import org.jgroups.util.SeqnoList;
import org.jgroups.util.SizeStreamable;
import org.jgroups.util.UUID;
import org.jgroups.util.Util;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MessageReaderTest {
  /** Comes before what the reader reads. */
  private static final int VERSION_AND_FLAGS = 3;

  private static final AtomicInteger made = new AtomicInteger();

  private final Address one = MemberAddress.of("http://one", 1);
  private final Address other = UUID.randomUUID();
  private final JChannel channel =
      Channels.channel(Channelled.tcp("c", new int[] {7800}, 0), new Strangers());
  private final MessageReader reader = new MessageReader(channel.getProtocolStack().getProtocols());

  /** A class that somebody names. */
  public static final class Named implements SizeStreamable {
    /** Called by JGroups, by the name of the class. */
    public Named() {
      made.incrementAndGet();
    }

    @Override
    public int serializedSize() {
      return 0;
    }

    @Override
    public void writeTo(DataOutput out) {}

    @Override
    public void readFrom(DataInput in) {}
  }

  @AfterEach
  void close() {
    channel.close();
  }

  private short id(Class<? extends Protocol> protocol) {
    return channel.getProtocolStack().<Protocol>findProtocol(protocol).getId();
  }

  /** Returns one of each kind that protocols send. */
  private List<Message> messages() {
    View view = View.create(one, 7, one, other);
    Message[] each = {
      new EmptyMessage(null).putHeader(id(FD_ALL3.class), new HeartbeatHeader()),
      new BytesMessage(other, "a view".getBytes(java.nio.charset.StandardCharsets.UTF_8))
          .putHeader(id(UNICAST3.class), UnicastHeader3.createDataHeader(5, (short) 2, true))
          .putHeader(id(GMS.class), new GMS.GmsHeader(GMS.GmsHeader.JOIN_REQ, one)),
      new BytesMessage(null)
          .putHeader(id(TCPPING.class), new PingHeader((byte) 1).clusterName("c")),
      new BytesMessage(null, new byte[10]).putHeader(id(FRAG2.class), new FragHeader(3, 1, 4)),
      new LongMessage(other, 123_456),
      new ObjectMessage(
              null, (SizeStreamable) new MutableDigest(view.getMembersRaw()).set(one, 3, 4))
          .putHeader(
              id(STABLE.class),
              new STABLE.StableHeader(STABLE.StableHeader.STABILITY, view.getViewId())),
      new ObjectMessage(other, (SizeStreamable) new SeqnoList(100, 7).add(9, 20, 77)),
      new ObjectMessage(other)
    };
    for (Message message : each) {
      message.setSrc(one).putHeader(id(TP.class), new TpHeader(new AsciiString("c")));
    }
    each[1].setFlag(Message.Flag.OOB, Message.Flag.NO_FC);
    return List.of(each);
  }

  private static ByteArrayDataInputStream single(Message message) throws IOException {
    ByteArrayDataOutputStream out = new ByteArrayDataOutputStream(512);
    Util.writeMessage(message, out, false);
    return read(Arrays.copyOf(out.buffer(), out.position()));
  }

  private ByteArrayDataInputStream list(List<Message> messages) throws IOException {
    ByteArrayDataOutputStream out = new ByteArrayDataOutputStream(512);
    Util.writeMessageList(null, one, new byte[] {'c'}, messages, out, true);
    return read(Arrays.copyOf(out.buffer(), out.position()));
  }

  private static ByteArrayDataInputStream read(byte[] packet) {
    return new ByteArrayDataInputStream(
        packet, VERSION_AND_FLAGS, packet.length - VERSION_AND_FLAGS);
  }

  private static void assertSame(Message read, Message sent) {
    assertThat(read.getType()).isEqualTo(sent.getType());
    assertThat(read.getSrc()).isEqualTo(sent.getSrc());
    assertThat(read.getFlags(false)).isEqualTo(sent.getFlags(false));
    assertThat(read.printHeaders()).isEqualTo(sent.printHeaders());
    assertThat(shown(read.getObject())).isEqualTo(shown(sent.getObject()));
  }

  private static String shown(Object payload) {
    return payload instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf(payload);
  }

  @Test
  void whatProtocolsSendIsRead() throws Exception {
    for (Message message : messages()) {
      Message read = reader.message(single(message));
      assertSame(read, message);
      assertThat(read.getDest()).isEqualTo(message.getDest());
      assertThat(MemberAddress.url(read.getSrc())).isEqualTo("http://one");
    }
  }

  @Test
  void manyAtOnceAreReadAsBatches() throws Exception {
    List<Message> sent = messages();
    List<MessageBatch> batches = reader.batches(list(sent), true);
    assertThat(batches)
        .extracting(MessageBatch::mode)
        .containsExactly(MessageBatch.Mode.OOB, MessageBatch.Mode.REG);
    assertThat(batches)
        .allSatisfy(
            batch -> {
              assertThat(batch.sender()).isEqualTo(one);
              assertThat(batch.dest()).isNull();
              assertThat(batch.multicast()).isTrue();
              assertThat(batch.clusterName()).isEqualTo(new AsciiString("c"));
            });
    List<Message> read = new ArrayList<>();
    batches.forEach(batch -> batch.forEach(read::add));
    List<Message> order = new ArrayList<>(List.of(sent.get(1), sent.get(0)));
    order.addAll(sent.subList(2, sent.size()));
    for (int i = 0; i < order.size(); i++) {
      assertSame(read.get(i), order.get(i));
    }
  }

  private void assertRefused(Message message) {
    message.setSrc(one);
    assertThatThrownBy(() -> reader.message(single(message))).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> reader.batches(list(List.of(message)), true))
        .isInstanceOf(IOException.class);
  }

  @Test
  void objectsAreRefused() {
    ObjectMessage byName = new ObjectMessage(null, (SizeStreamable) new Named());
    made.set(0);
    assertRefused(byName);
    assertThat(made).hasValue(0);
    assertRefused(new ObjectMessage(null, new ArrayList<>(List.of("a Java object"))));
    assertRefused(new ObjectMessage(null, "a primitive"));
    assertRefused(new BytesMessage(null, new ArrayList<>(List.of("a Java object"))));
  }

  @Test
  void typesThatAreNotSentAreRefused() {
    assertRefused(new NioMessage(null, ByteBuffer.allocate(4)));
    assertRefused(new CompositeMessage(null, new ObjectMessage(null, "within")));
  }

  @Test
  void headersAreThoseOfTheStack() {
    Consumer<Message> refused = this::assertRefused;
    refused.accept(new EmptyMessage(null).putHeader(id(GMS.class), new HeartbeatHeader()));
    refused.accept(new EmptyMessage(null).putHeader((short) 23, new AuthHeader())); // AUTH's.
    refused.accept(new EmptyMessage(null).putHeader((short) 1_500, new HeartbeatHeader()));
  }

  /** What its parts make would be read by JGroups' own reader. */
  @Test
  void partsOfWhatIsNoBytesAreRefused() {
    for (Header header :
        List.of(
            new FragHeader(1, 0, 2).needsDeserialization(true),
            new FragHeader(1, 0, 100_000_000),
            new FragHeader(1, 2, 2),
            new FragHeader(1, 0, 0))) {
      assertRefused(new BytesMessage(null, new byte[10]).putHeader(id(FRAG2.class), header));
    }
  }

  /** JGroups makes a list for as many as are announced. */
  @Test
  void moreAnswersThanHaveComeAreRefused() throws Exception {
    for (int announced : new int[] {3, Integer.MAX_VALUE, -1}) {
      assertRefused(discovery(ByteBuffer.allocate(8).putInt(announced).array()));
    }
    assertRefused(discovery(new byte[3]));
    ByteArray marshalled = Discovery.marshal(new PingData(one, true, "one", null));
    byte[] whole = Arrays.copyOf(marshalled.getArray(), marshalled.getLength());
    for (byte[] legal : List.of(new byte[4], ByteBuffer.allocate(8).putInt(2).array(), whole)) {
      Message sent = discovery(legal).setSrc(one);
      assertSame(reader.message(single(sent)), sent);
    }
  }

  private Message discovery(byte[] payload) {
    return new BytesMessage(null, payload).putHeader(id(TCPPING.class), new PingHeader((byte) 1));
  }

  /** JGroups makes rows of a table up to the number. */
  @Test
  void numbersThatNoSenderReachesAreRefused() throws Exception {
    long most = MessageReader.MAX_SEQNO;
    for (long number : new long[] {-1, most + 1, Long.MAX_VALUE, Long.MIN_VALUE}) {
      numbered(number).forEach(this::assertRefused);
    }
    for (long number : new long[] {0, 1, most}) {
      for (Message sent : numbered(number)) {
        assertSame(reader.message(single(sent.setSrc(one))), sent);
      }
    }
    Message asking =
        new EmptyMessage(other)
            .setSrc(one)
            .putHeader(id(NAKACK2.class), NakAckHeader2.createXmitRequestHeader(one));
    assertSame(reader.message(single(asking)), asking); // It has none.
  }

  private List<Message> numbered(long number) {
    short nakack = id(NAKACK2.class);
    short unicast = id(UNICAST3.class);
    return List.of(
        new EmptyMessage(null).putHeader(nakack, NakAckHeader2.createMessageHeader(number)),
        new EmptyMessage(null).putHeader(nakack, NakAckHeader2.createHighestSeqnoHeader(number)),
        new EmptyMessage(other)
            .putHeader(unicast, UnicastHeader3.createDataHeader(number, (short) 1, false)),
        new EmptyMessage(other)
            .putHeader(unicast, UnicastHeader3.createAckHeader(number, (short) 1, 1)));
  }

  @Test
  void whatIsCutIsRefused() throws Exception {
    for (Message message : messages()) {
      ByteArrayDataInputStream whole = single(message);
      for (int length = MessageReader.MIN_PACKET_BYTES - 1; length < whole.limit(); length++) {
        byte[] cut = Arrays.copyOf(whole.buffer(), length);
        assertThatThrownBy(() -> reader.message(read(cut))).isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void anAnnouncedLengthTakesNoMemory() throws Exception {
    byte[] bytes = single(new BytesMessage(null, new byte[4]).setSrc(one)).buffer();
    ByteBuffer.wrap(bytes).putInt(bytes.length - 8, 500_000_000);
    assertTakesNoMemory(() -> reader.message(read(bytes)));

    byte[] numbers =
        single(new ObjectMessage(null, (SizeStreamable) new SeqnoList(1, 0)).setSrc(one)).buffer();
    ByteBuffer.wrap(numbers).putInt(numbers.length - 20, Integer.MAX_VALUE);
    assertTakesNoMemory(() -> reader.message(read(numbers)));

    byte[] many = list(List.of()).buffer();
    ByteBuffer.wrap(many).putInt(many.length - 4, Integer.MAX_VALUE);
    assertTakesNoMemory(() -> reader.batches(read(many), true));
  }

  @Test
  void aPacketTakesNoMoreThanHasCome() {
    SealedTcp transport = (SealedTcp) channel.getProtocolStack().getTransport();
    DataInput silent = new DataInputStream(InputStream.nullInputStream());
    assertTakesNoMemory(() -> transport.receive(other, silent, SealedTcp.MAX_PACKET));
    assertThatThrownBy(() -> transport.receive(other, silent, SealedTcp.MAX_PACKET))
        .isInstanceOf(EOFException.class);
    for (int length : new int[] {SealedTcp.MAX_PACKET + 1, Integer.MAX_VALUE, 3, 0, -1}) {
      assertThatThrownBy(() -> transport.receive(other, silent, length))
          .hasMessage("a packet has " + length + " bytes");
    }
  }

  /** What is thrown is looked at elsewhere. */
  private static void assertTakesNoMemory(ThrowingCallable call) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    assertThatThrownBy(call).isInstanceOf(IOException.class); // Loads what classes it needs.
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThatThrownBy(call).isInstanceOf(IOException.class);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1_000_000);
  }
}
