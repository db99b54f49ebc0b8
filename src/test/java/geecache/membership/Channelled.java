package geecache.membership;

import geecache.FreePorts;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jgroups.JChannel;
import org.jgroups.protocols.DISCARD;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.TP;
import org.jgroups.protocols.UDP;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.stack.ProtocolStack;

/** A member of a JGroups cluster on the loopback interface, with a link that can be cut. */
final class Channelled implements AutoCloseable {
  private final String url;
  private final JGroupsMembership membership;
  private final DISCARD link = new DISCARD();
  private final List<Collection<String>> views = new CopyOnWriteArrayList<>();

  /** Prepares a member that is impatient, and has not begun to join. */
  Channelled(JGroupsOptions options, String url) {
    this.url = url;
    membership = new JGroupsMembership(options, url, url.hashCode());
    ProtocolStack stack = membership.channel().getProtocolStack();
    MERGE3 merge = stack.findProtocol(MERGE3.class);
    merge.setMinInterval(200).setMaxInterval(600);
    FD_ALL3 detection = stack.findProtocol(FD_ALL3.class);
    detection.setTimeout(1_000).setInterval(250);
    VERIFY_SUSPECT2 verification = stack.findProtocol(VERIFY_SUSPECT2.class);
    verification.setTimeout(200);
    if (stack.getTransport() instanceof UDP udp) {
      udp.setMulticastTTL(0); // Nobody else is to hear of it.
    }
    try {
      stack.insertProtocol(link, ProtocolStack.Position.ABOVE, TP.class);
      link.setProtocolStack(stack);
      link.init();
    } catch (Exception impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  static JGroupsOptions tcp(String cluster, int[] ports, int own, String... secrets) {
    return new JGroupsOptions(
        JGroupsOptions.TCP,
        cluster,
        at(ports[own]),
        Arrays.stream(ports).mapToObj(Channelled::at).toList(),
        "",
        List.of(secrets));
  }

  private static String at(int port) {
    return "127.0.0.1:" + port;
  }

  /** The last port is that of the multicast group. */
  static JGroupsOptions udp(
      String cluster, InetAddress address, int[] ports, int own, String... secrets) {
    return new JGroupsOptions(
        JGroupsOptions.UDP,
        cluster,
        address.getHostAddress() + ":" + ports[own],
        List.of(),
        "239.8.8.8:" + ports[ports.length - 1],
        List.of(secrets));
  }

  /** Returns an address that has multicast: of the loopback interface, if it has. */
  static Optional<InetAddress> multicasting() throws IOException {
    return NetworkInterface.networkInterfaces()
        .filter(Channelled::multicasts)
        .sorted(Comparator.comparing(each -> !each.getName().startsWith("lo")))
        .flatMap(NetworkInterface::inetAddresses)
        .filter(Inet4Address.class::isInstance)
        .findFirst();
  }

  private static boolean multicasts(NetworkInterface each) {
    try {
      return each.isUp() && each.supportsMulticast();
    } catch (IOException gone) {
      return false;
    }
  }

  /** Starts members of one cluster over TCP. */
  static List<Channelled> cluster(int count, String... secrets) throws IOException {
    int[] ports = FreePorts.of(count);
    return IntStream.range(0, count)
        .mapToObj(i -> new Channelled(tcp("test", ports, i, secrets), "http://node" + i + ":80/a"))
        .map(Channelled::start)
        .toList();
  }

  /** Gives those who connect to it so long to prove themselves; before {@link #start}. */
  Channelled proofWithin(int millis) {
    if (channel().getProtocolStack().getTransport().getSocketFactory()
        instanceof SealedSockets sockets) {
      sockets.proofMillis = millis;
    }
    return this;
  }

  /** Takes others for gone after such a silence; before {@link #start}. */
  Channelled patient(Duration silence) {
    FD_ALL3 detection = channel().getProtocolStack().findProtocol(FD_ALL3.class);
    detection.setTimeout(silence.toMillis()).setInterval(silence.toMillis() / 4);
    return this;
  }

  Channelled start() {
    return start(view -> {});
  }

  /** Joins, and tells {@code others} of views as well. */
  Channelled start(Consumer<Collection<String>> others) {
    membership.start(
        view -> {
          views.add(List.copyOf(view));
          others.accept(List.copyOf(view));
        });
    return this;
  }

  String url() {
    return url;
  }

  JChannel channel() {
    return membership.channel();
  }

  /** Returns what the member has dropped. */
  Strangers strangers() {
    return membership.strangers();
  }

  /** Returns the nodes of the last view; none before the first. */
  Collection<String> view() {
    return views.isEmpty() ? List.of() : views.get(views.size() - 1);
  }

  /** Returns all views so far. */
  List<Collection<String>> views() {
    return views;
  }

  /** Cuts the links from and to others, as a broken network does. */
  void cutFrom(Collection<Channelled> others) {
    others.forEach(other -> link.addIgnoreMember(other.channel().getAddress()));
  }

  /** Is heard by nobody from now on, and hears nobody. */
  void fallSilent() {
    link.discardAll(true);
  }

  void heal() {
    link.resetIgnoredMembers();
    link.discardAll(false);
  }

  @Override
  public void close() {
    membership.close();
  }
}
