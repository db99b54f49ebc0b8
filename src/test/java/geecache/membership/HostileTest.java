package geecache.membership;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.FreePorts;
import geecache.LiveThreads;
import geecache.LogCapture;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.OutputStream;
import java.io.Serial;
import java.io.Serializable;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jgroups.BytesMessage;
import org.jgroups.CompositeMessage;
import org.jgroups.EmptyMessage;
import org.jgroups.Message;
import org.jgroups.ObjectMessage;
import org.jgroups.Version;
import org.jgroups.blocks.cs.Connection;
import org.jgroups.stack.IpAddress;
import org.jgroups.util.ByteArrayDataOutputStream;
import org.jgroups.util.SizeStreamable;
import org.jgroups.util.UUID;
import org.jgroups.util.Util;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Attacks on live members: by strangers, who know JGroups and no secret, and by a member. */
@Timeout(180)
class HostileTest {
  private static final String SECRET = "the-secret-of-this-cluster";

  /** Some time after which a test gives up; nothing is to take so long. */
  private static final int PATIENCE_MILLIS = 30_000;

  private static final AtomicInteger made = new AtomicInteger();

  private final List<Channelled> members = new ArrayList<>();
  private int proofMillis = SealedSocket.PROOF_MILLIS;
  private InetAddress address = InetAddress.getLoopbackAddress();
  private int[] ports = {};

  enum Cluster {
    TCP_WITH_A_SECRET(true, SECRET),
    UDP_WITH_A_SECRET(false, SECRET),
    TCP_WITHOUT(true),
    UDP_WITHOUT(false);

    private final boolean tcp;
    private final String[] secrets;

    Cluster(boolean tcp, String... secrets) {
      this.tcp = tcp;
      this.secrets = secrets;
    }
  }

  /** A class of somebody else's that does something when it is deserialized. */
  static final class Gadget implements Serializable {
    @Serial private static final long serialVersionUID = 1;
    private final byte[] ballast;

    Gadget(int bytes) {
      ballast = new byte[bytes];
    }

    @Serial
    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      made.incrementAndGet();
      in.defaultReadObject();
    }

    @Override
    public String toString() {
      return "a gadget with " + ballast.length;
    }
  }

  /** A class of somebody else's that does something when it is made. */
  public static final class Made implements SizeStreamable {
    /** Called by JGroups, by the name of the class. */
    public Made() {
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

  @BeforeEach
  void nothingIsMade() {
    made.set(0);
  }

  @AfterEach
  void close() {
    members.forEach(Channelled::close);
  }

  private static ConditionFactory await() {
    return Awaitility.await().atMost(Duration.ofMillis(PATIENCE_MILLIS));
  }

  /** Begins two members of a cluster that can have a third. */
  private void begin(Cluster cluster) throws IOException {
    ports = FreePorts.of(4);
    if (!cluster.tcp) {
      Optional<InetAddress> multicasting = Channelled.multicasting();
      Assumptions.assumeTrue(multicasting.isPresent(), "no interface with multicast");
      address = multicasting.get();
    }
    join(cluster, 0);
    join(cluster, 1);
    awaitView();
  }

  private Channelled join(Cluster cluster, int number) {
    JGroupsOptions options =
        cluster.tcp
            ? Channelled.tcp("c", Arrays.copyOf(ports, 3), number, cluster.secrets)
            : Channelled.udp("c", address, ports, number, cluster.secrets);
    Channelled made = new Channelled(options, "http://n" + number);
    made.proofWithin(proofMillis).start();
    members.add(made);
    return made;
  }

  private void awaitView() {
    List<String> urls = members.stream().map(Channelled::url).sorted().toList();
    await()
        .untilAsserted(
            () ->
                assertThat(members)
                    .allSatisfy(
                        member -> assertThat(member.view()).containsExactlyElementsOf(urls)));
  }

  private void send(Cluster cluster, byte[] bytes) throws IOException {
    if (cluster.tcp) {
      assertIsHungUpOn(connect(bytes));
    } else {
      try (DatagramSocket socket = new DatagramSocket()) {
        socket.send(new DatagramPacket(bytes, bytes.length, address, ports[0]));
      }
    }
  }

  private Socket connect(byte[] bytes) throws IOException {
    Socket socket = new Socket(address, ports[0]);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.getOutputStream().write(bytes);
    return socket;
  }

  /** The member ends the connection, and says nothing that JGroups says. */
  private static void assertIsHungUpOn(Socket stranger) throws IOException {
    try (stranger) {
      assertThat(stranger.getInputStream().readNBytes(21)).hasSizeLessThan(21);
    } catch (java.net.SocketTimeoutException waits) {
      throw new AssertionError("the member still reads what a stranger sends", waits);
    } catch (IOException reset) {
      // As well.
    }
  }

  /** Returns what JGroups' own transport sends for a message. */
  private byte[] packet(Cluster cluster, Message message) throws IOException {
    ByteArrayDataOutputStream out = new ByteArrayDataOutputStream(1024);
    Util.writeMessage(message.setSrc(UUID.randomUUID()), out, true);
    byte[] packet = Arrays.copyOf(out.buffer(), out.position());
    return cluster.tcp ? greeted(packet.length, packet) : packet;
  }

  /** Puts what JGroups' TCP sends first before a packet that has, or announces, a length. */
  private byte[] greeted(int length, byte[] packet) throws IOException {
    IpAddress own = new IpAddress(address, 1);
    ByteArrayDataOutputStream out = new ByteArrayDataOutputStream(1024);
    out.write(Connection.cookie);
    out.writeShort(Version.version);
    out.writeShort(own.serializedSize());
    own.writeTo(out);
    out.writeInt(length);
    out.write(packet);
    return Arrays.copyOf(out.buffer(), out.position());
  }

  /** A set of sets that takes for ever to be deserialized, of classes of the JDK. */
  private static Object bomb() {
    Set<Object> root = new HashSet<>();
    Set<Object> one = root;
    Set<Object> other = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      Set<Object> nextOne = new HashSet<>(Set.of("foo"));
      Set<Object> nextOther = new HashSet<>();
      for (Set<Object> each : List.of(one, other)) {
        each.add(nextOne);
        each.add(nextOther);
      }
      one = nextOne;
      other = nextOther;
    }
    return root;
  }

  /** The member goes on: it takes in one more, and none of what came had an effect. */
  private void assertUnharmed(Cluster cluster) {
    join(cluster, 2);
    awaitView();
    assertThat(made).hasValue(0);
  }

  @ParameterizedTest
  @EnumSource
  void strangersHaveNothingMade(Cluster cluster) throws Exception {
    begin(cluster);
    Strangers strangers = members.get(0).strangers();
    long before = strangers.dropped();
    List<Message> messages =
        List.of(
            new ObjectMessage(null, new Gadget(1)),
            new ObjectMessage(null, (SizeStreamable) new Made()),
            new CompositeMessage(null, new ObjectMessage(null, new Gadget(1))),
            new BytesMessage(null, new Gadget(1)),
            new ObjectMessage(null, bomb()));
    made.set(0);
    for (Message message : messages) {
      send(cluster, packet(cluster, message));
    }
    await().until(() -> strangers.dropped() >= before + messages.size());
    assertUnharmed(cluster);
    assertThat(Thread.getAllStackTraces().values()) // The last would keep a core busy for good.
        .noneSatisfy(
            trace -> assertThat(trace).anyMatch(at -> at.getMethodName().equals("readObject")));
  }

  @ParameterizedTest
  @EnumSource(names = {"TCP_WITH_A_SECRET", "TCP_WITHOUT"})
  void anAnnouncedLengthTakesNoMemory(Cluster cluster) throws Exception {
    begin(cluster);
    byte[] whole = packet(cluster, new BytesMessage(null, new byte[8]));
    byte[] announcing = Arrays.copyOf(whole, whole.length - 8);
    ByteBuffer.wrap(announcing).putInt(announcing.length - 4, 20 * 1024 * 1024);
    List<Socket> connections = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      connections.add(connect(announcing));
    }
    for (Socket connection : connections) {
      assertIsHungUpOn(connection);
    }
    assertUnharmed(cluster);
  }

  @ParameterizedTest
  @EnumSource
  void garbageIsDropped(Cluster cluster) throws Exception {
    begin(cluster);
    byte[] noise = new byte[10_000];
    new Random(1).nextBytes(noise);
    byte[] begun = Arrays.copyOf("gcj2".getBytes(UTF_8), 38); // A greeting, and a wrong proof.
    for (byte[] bytes :
        List.of("GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8), new byte[10_000], noise, begun)) {
      send(cluster, bytes);
    }
    await().until(() -> members.get(0).strangers().dropped() >= 4);
    assertUnharmed(cluster);
  }

  @ParameterizedTest
  @EnumSource(names = {"TCP_WITH_A_SECRET", "TCP_WITHOUT"})
  void connectionsThatSayNothingKeepNobodyOut(Cluster cluster) throws Exception {
    begin(cluster);
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 3 * SealedServerSocket.MAX_UNPROVED; i++) {
        silent.add(connect(new byte[] {'g'}));
      }
      assertThat(LiveThreads.named("geecache-jgroups-prover"))
          .hasSizeLessThanOrEqualTo(2 * SealedServerSocket.MAX_UNPROVED); // Of two members.
      assertUnharmed(cluster);
    } finally {
      for (Socket each : silent) {
        assertIsHungUpOn(each); // Without a word of its own, after a while.
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TCP_WITH_A_SECRET", "UDP_WITH_A_SECRET"})
  void strangersAreToldOfOnce(Cluster cluster) throws Exception {
    begin(cluster);
    try (LogCapture log = new LogCapture(Strangers.class, Level.INFO)) {
      for (int i = 0; i < 3; i++) {
        send(cluster, new byte[100]);
      }
      await().until(() -> members.get(0).strangers().dropped() >= 3);
      assertThat(log.messages())
          .singleElement()
          .asString()
          .matches(
              "WARNING what [^ ]+ sends to JGroups is dropped, as all else will be that is not"
                  + " sealed with the secret of this cluster: geecache.secret must be the same on"
                  + " all nodes");
    }
  }

  /** A member has the secret, or needs none, and sends what no protocol does. */
  @ParameterizedTest
  @EnumSource
  void notEvenAMemberHasAnObjectDeserialized(Cluster cluster) throws Exception {
    begin(cluster);
    Channelled rogue = members.get(1);
    Strangers strangers = members.get(0).strangers();
    List<Message> messages =
        Stream.<Message>of(
                new ObjectMessage(null, new Gadget(1)),
                new ObjectMessage(null, (SizeStreamable) new Made()),
                new BytesMessage(null, new Gadget(1)),
                new CompositeMessage(null, new ObjectMessage(null, new Gadget(1))),
                new ObjectMessage(null, new Gadget(100_000))) // Sent in parts.
            .map(
                message ->
                    message
                        .setFlag(Message.Flag.NO_RELIABILITY)
                        .setFlag(Message.TransientFlag.DONT_LOOPBACK))
            .toList();
    made.set(0);
    for (Message message : messages) {
      long before = strangers.malformed();
      rogue.channel().send(message);
      await().until(() -> strangers.malformed() > before);
    }
    rogue.channel().send(new EmptyMessage(null));
    assertUnharmed(cluster);
  }

  private static SealingKeys keys(Cluster cluster) {
    return new SealingKeys(List.of(cluster.secrets), "c");
  }

  /** A packet in JGroups' format that each member counts, since no protocol sends such. */
  private byte[] counted() throws IOException {
    byte[] packet = packet(Cluster.UDP_WITHOUT, new ObjectMessage(null, "an object"));
    assertThat(packet).hasSizeGreaterThan(MessageReader.MIN_PACKET_BYTES);
    return packet;
  }

  @ParameterizedTest
  @EnumSource(names = {"TCP_WITH_A_SECRET", "TCP_WITHOUT"})
  void aConnectionThatIsPlayedBackIsNotHeard(Cluster cluster) throws Exception {
    proofMillis = PATIENCE_MILLIS;
    begin(cluster);
    Strangers strangers = members.get(0).strangers();
    ByteArrayOutputStream recorded = new ByteArrayOutputStream();
    Handshake handshake = new Handshake(keys(cluster), new SecureRandom());
    try (Socket socket = connect(new byte[0])) {
      OutputStream tee = new TeeOutputStream(socket.getOutputStream(), recorded);
      SealedOutput out = handshake.asClient(socket.getInputStream(), tee).out();
      byte[] packet = counted();
      out.write(greeted(packet.length, packet));
      out.flush();
      await().until(() -> strangers.malformed() == 1);

      // The frame again, in the same connection.
      long before = strangers.dropped();
      byte[] sent = recorded.toByteArray();
      int frame = sent.length - 38; // After the greeting and the proof.
      socket.getOutputStream().write(sent, sent.length - frame, frame);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getInputStream().readAllBytes(); // It ends.
      assertThat(strangers.dropped()).isEqualTo(before + 1);
    }
    long before = strangers.dropped();
    assertIsHungUpOn(connect(recorded.toByteArray()));
    await().until(() -> strangers.dropped() == before + 1);
    assertThat(strangers.malformed()).isEqualTo(1);
    assertUnharmed(cluster);
  }

  @ParameterizedTest
  @EnumSource(names = {"UDP_WITH_A_SECRET", "UDP_WITHOUT"})
  void aDatagramThatIsPlayedBackIsNotHeard(Cluster cluster) throws Exception {
    begin(cluster);
    DatagramSeal seal = new DatagramSeal(keys(cluster), new SecureRandom(), System::nanoTime);
    byte[] packet = counted();
    try (DatagramSocket socket = new DatagramSocket(0, address)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      Strangers strangers = members.get(0).strangers();
      byte[] first = seal.seal(packet, 0, packet.length);
      send(socket, first);
      answer(socket, seal);
      await().until(() -> strangers.malformed() == 1);
      send(socket, first);
      send(socket, first);
      send(socket, seal.seal(packet, 0, packet.length));
      await().until(() -> strangers.malformed() >= 2);
      assertThat(strangers.malformed()).isEqualTo(2);
      assertThat(strangers.dropped()).isZero();

      members.remove(0).close();
      awaitView();
      Strangers restarted = join(cluster, 0).strangers();
      awaitView();
      send(socket, first);
      assertThat(receive(socket)).isNotEmpty(); // It is asked for a sign of life, and gives none.
      DatagramSeal other = new DatagramSeal(keys(cluster), new SecureRandom(), System::nanoTime);
      send(socket, other.seal(packet, 0, packet.length));
      answer(socket, other);
      await().until(() -> restarted.malformed() >= 1);
      assertThat(restarted.malformed()).isEqualTo(1);
    }
    assertUnharmed(cluster);
  }

  private void send(DatagramSocket socket, byte[] datagram) throws IOException {
    socket.send(new DatagramPacket(datagram, datagram.length, address, ports[0]));
  }

  private static byte[] receive(DatagramSocket socket) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[1_000], 1_000);
    socket.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  /** Answers the question whether the sender lives. */
  private void answer(DatagramSocket socket, DatagramSeal seal) throws IOException {
    byte[] question = receive(socket);
    send(socket, seal.open(question, 0, question.length).reply());
  }

  /** Writes to both. */
  private static final class TeeOutputStream extends FilterOutputStream {
    private final OutputStream copy;

    TeeOutputStream(OutputStream out, OutputStream copy) {
      super(out);
      this.copy = copy;
    }

    @Override
    public void write(int one) throws IOException {
      out.write(one);
      copy.write(one);
    }
  }
}
