package geecache.membership;

import static java.util.Objects.requireNonNullElse;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * A name server at a free port of 127.0.0.1, by UDP and TCP, which answers by a script for each
 * type. The last answer of a script is given again and again; without a script, there is no such
 * name. What does not fit a UDP answer is cut, and marked so.
 */
public final class DnsServer implements AutoCloseable {
  private static final int UDP_BYTES = 512;
  private static final int ATTEMPTS = 20;

  /** One answer. */
  public record Answer(int rcode, boolean silent, long ttl, List<String> addresses) {
    /** Returns one that has these. */
    public static Answer of(String... addresses) {
      return new Answer(Rcode.NOERROR, false, 0, List.of(addresses));
    }

    /** Returns one that has these. */
    public static Answer of(List<String> addresses) {
      return new Answer(Rcode.NOERROR, false, 0, addresses);
    }

    /** Returns one that has none, and says why. */
    public static Answer failure(int rcode) {
      return new Answer(rcode, false, 0, List.of());
    }

    /** Returns none at all. */
    public static Answer silence() {
      return new Answer(0, true, 0, List.of());
    }

    Answer withTtl(long seconds) {
      return new Answer(rcode, silent, seconds, addresses);
    }
  }

  private final ServerSocket tcp;
  private final DatagramSocket udp;
  private final Name name;

  /** Guards the two below. */
  private final Object lock = new Object();

  private final Map<Integer, Deque<Answer>> scripts = new HashMap<>();
  private final Map<String, Integer> questions = new HashMap<>();

  /** Answers questions for {@code name}, and says of all others that they do not exist. */
  public DnsServer(String name) throws IOException {
    this.name = Name.fromString(name + ".");
    ServerSocket bound = null;
    DatagramSocket same = null;
    for (int i = 0; same == null; i++) {
      bound = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      try {
        same = new DatagramSocket(bound.getLocalPort(), InetAddress.getLoopbackAddress());
      } catch (IOException taken) {
        bound.close();
        if (i == ATTEMPTS) {
          throw taken;
        }
      }
    }
    tcp = bound;
    udp = same;
    thread("udp", this::serveUdp);
    thread("tcp", this::serveTcp);
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void thread(String what, Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException closed) {
                // The end.
              }
            },
            "dns-server-" + what);
    thread.setDaemon(true);
    thread.start();
  }

  public InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), udp.getLocalPort());
  }

  /** Answers questions for addresses of IPv4 like this, one after the other. */
  public DnsServer v4(Answer... answers) {
    return script(Type.A, answers);
  }

  /** Answers questions for addresses of IPv6 like this, one after the other. */
  public DnsServer v6(Answer... answers) {
    return script(Type.AAAA, answers);
  }

  private DnsServer script(int type, Answer... answers) {
    synchronized (lock) {
      scripts.put(type, new ArrayDeque<>(List.of(answers)));
    }
    return this;
  }

  /** Returns how many questions of a kind came: {@code udp A}, {@code tcp AAAA}. */
  public int questions(String kind) {
    synchronized (lock) {
      return questions.getOrDefault(kind, 0);
    }
  }

  private void serveUdp() throws IOException {
    byte[] buffer = new byte[UDP_BYTES];
    while (true) {
      DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
      udp.receive(packet);
      byte[] answer = answer(Arrays.copyOf(buffer, packet.getLength()), false);
      if (answer != null) {
        udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      }
    }
  }

  private void serveTcp() throws IOException {
    while (true) {
      try (Socket socket = tcp.accept()) {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] answer = answer(in.readNBytes(in.readUnsignedShort()), true);
        if (answer != null) {
          DataOutputStream out = new DataOutputStream(socket.getOutputStream());
          out.writeShort(answer.length);
          out.write(answer);
        }
      }
    }
  }

  private byte @Nullable [] answer(byte[] question, boolean overTcp) throws IOException {
    Message asked = new Message(question);
    Record what = asked.getQuestion();
    Answer answer;
    synchronized (lock) {
      questions.merge((overTcp ? "tcp " : "udp ") + Type.string(what.getType()), 1, Integer::sum);
      answer = what.getName().equals(name) ? next(what.getType(), overTcp) : nothing();
    }
    if (answer.silent()) {
      return null;
    }
    Message reply = new Message(asked.getHeader().getID());
    reply.getHeader().setFlag(Flags.QR);
    reply.getHeader().setRcode(answer.rcode());
    reply.addRecord(what, Section.QUESTION);
    for (String address : answer.addresses()) {
      InetAddress parsed = InetAddress.getByName(address);
      reply.addRecord(
          what.getType() == Type.A
              ? new ARecord(name, DClass.IN, answer.ttl(), parsed)
              : new AAAARecord(name, DClass.IN, answer.ttl(), parsed),
          Section.ANSWER);
    }
    return overTcp ? reply.toWire() : reply.toWire(UDP_BYTES);
  }

  /** What is cut over UDP is asked once more over TCP: the same answer. */
  private Answer next(int type, boolean again) {
    Deque<Answer> script = scripts.get(type);
    if (script == null) {
      return nothing();
    }
    boolean cut = !again && script.element().addresses().size() > 20;
    return script.size() > 1 && !cut
        ? script.remove()
        : requireNonNullElse(script.peek(), nothing());
  }

  private static Answer nothing() {
    return Answer.failure(Rcode.NXDOMAIN);
  }

  @Override
  public void close() throws IOException {
    udp.close();
    tcp.close();
  }
}
