package geecache.membership;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jgroups.Header;
import org.jgroups.protocols.BARRIER;
import org.jgroups.protocols.BPING;
import org.jgroups.protocols.Discovery;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FD_SOCK;
import org.jgroups.protocols.FD_SOCK2;
import org.jgroups.protocols.FRAG2;
import org.jgroups.protocols.FailureDetection.HeartbeatHeader;
import org.jgroups.protocols.FcHeader;
import org.jgroups.protocols.FragHeader;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.MPING;
import org.jgroups.protocols.PingHeader;
import org.jgroups.protocols.RED;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.TCPGOSSIP;
import org.jgroups.protocols.TP;
import org.jgroups.protocols.TpHeader;
import org.jgroups.protocols.UDP;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.UnicastHeader3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.NakAckHeader2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.protocols.pbcast.STATE_TRANSFER;
import org.jgroups.stack.Protocol;

/**
 * The protocols of JGroups that a stack may have, and the header that each sends. None of them
 * opens a socket of its own, which would be heard beside the sealed transport, and none reads Java
 * objects or names of classes.
 */
final class AdmittedProtocols {
  private static final Map<Class<? extends Protocol>, Class<? extends Header>> HEADERS =
      Map.ofEntries(
          Map.entry(MERGE3.class, MERGE3.MergeHeader.class),
          Map.entry(FD_ALL3.class, HeartbeatHeader.class),
          Map.entry(VERIFY_SUSPECT2.class, VERIFY_SUSPECT2.VerifyHeader.class),
          Map.entry(NAKACK2.class, NakAckHeader2.class),
          Map.entry(UNICAST3.class, UnicastHeader3.class),
          Map.entry(STABLE.class, STABLE.StableHeader.class),
          Map.entry(GMS.class, GMS.GmsHeader.class),
          Map.entry(MFC.class, FcHeader.class),
          Map.entry(UFC.class, FcHeader.class),
          Map.entry(FRAG2.class, FragHeader.class));

  /** They send nothing, or nothing that is of use here. */
  private static final Set<Class<? extends Protocol>> SILENT =
      Set.of(BARRIER.class, RED.class, STATE_TRANSFER.class);

  /** They listen for members by sockets of their own. */
  private static final Set<Class<? extends Protocol>> LISTENING =
      Set.of(MPING.class, BPING.class, TCPGOSSIP.class);

  private AdmittedProtocols() {}

  /** Tells why a transport is refused, if it is. */
  static Optional<String> refuseTransport(Class<? extends Protocol> transport) {
    return transport == TCP.class || transport == UDP.class
        ? Optional.empty()
        : Optional.of("which is no transport that can be sealed: use TCP or UDP");
  }

  /** Tells why a protocol above the transport is refused, if it is. */
  static Optional<String> refuse(Class<? extends Protocol> protocol) {
    if (HEADERS.containsKey(protocol) || SILENT.contains(protocol) || discovers(protocol)) {
      return Optional.empty();
    }
    if (protocol == FD_SOCK.class || protocol == FD_SOCK2.class) {
      return Optional.of(
          "whose sockets hear everybody: take it out, and have TCP notice that a node has died by"
              + " its attribute enable_suspect_events=\"true\"");
    }
    return Optional.of(
        "whose messages are not admitted: take it out. Admitted are any discovery without a socket"
            + " of its own, "
            + names());
  }

  private static boolean discovers(Class<? extends Protocol> protocol) {
    return Discovery.class.isAssignableFrom(protocol)
        && LISTENING.stream().noneMatch(listening -> listening.isAssignableFrom(protocol));
  }

  private static String names() {
    return Stream.concat(HEADERS.keySet().stream(), SILENT.stream())
        .map(Class::getSimpleName)
        .sorted()
        .collect(Collectors.joining(", "));
  }

  /** Returns the class of the header that a protocol sends, if it sends any. */
  static Optional<Class<? extends Header>> header(Class<? extends Protocol> protocol) {
    if (TP.class.isAssignableFrom(protocol)) {
      return Optional.of(TpHeader.class);
    }
    if (Discovery.class.isAssignableFrom(protocol)) {
      return Optional.of(PingHeader.class);
    }
    return Optional.ofNullable(HEADERS.get(protocol));
  }
}
