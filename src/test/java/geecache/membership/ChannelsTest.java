package geecache.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jgroups.JChannel;
import org.jgroups.protocols.FD_SOCK2;
import org.jgroups.protocols.TP;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configurations of an operator's own. */
class ChannelsTest {
  private static final String PLAIN = "<TCPPING/><pbcast.NAKACK2/><UNICAST3/><pbcast.GMS/>";

  @TempDir private Path directory;

  private JChannel channel(String protocols, String... secrets) throws IOException {
    Path file = directory.resolve("mine.xml");
    Files.writeString(file, "<config xmlns=\"urn:org:jgroups\">" + protocols + "</config>");
    return Channels.channel(
        new JGroupsOptions(file.toString(), "c", "", List.of(), "", List.of(secrets)),
        new Strangers());
  }

  private void assertRefused(String protocols, String why) {
    for (String[] secrets : new String[][] {{"the-secret-of-this-cluster"}, {}}) {
      assertThatThrownBy(() -> channel(protocols, secrets))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the JGroups configuration " + directory.resolve("mine.xml") + " " + why);
    }
  }

  @Test
  void tcpAndUdpAreSealedAndKeepTheirAttributes() throws Exception {
    for (String transport : List.of("TCP", "UDP")) {
      for (String[] secrets : new String[][] {{"the-secret-of-this-cluster"}, {}}) {
        try (JChannel channel =
            channel(
                "<%s bind_addr=\"127.0.0.1\" bind_port=\"7811\"/>".formatted(transport) + PLAIN,
                secrets)) {
          TP sealed = channel.getProtocolStack().getTransport();
          assertThat(sealed).isInstanceOf(SealedTransport.class);
          assertThat(sealed.getBindPort()).isEqualTo(7811);
          assertThat(sealed.getDiagnosticsHandler().isEnabled()).isFalse();
        }
      }
    }
  }

  /** As JGroups brings them, but for FD_SOCK2. */
  @Test
  void protocolsOfJGroupsOwnStacksAreAdmitted() throws Exception {
    try (JChannel channel =
        channel(
            "<TCP bind_addr=\"127.0.0.1\" bind_port=\"7811\"/><RED/><TCPPING/><MERGE3/><FD_ALL3/><VERIFY_SUSPECT2/>"
                + "<BARRIER/><pbcast.NAKACK2/><UNICAST3/><pbcast.STABLE/><pbcast.GMS/>"
                + "<MFC/><UFC/><FRAG2/><pbcast.STATE_TRANSFER/>")) {
      assertThat(channel.getProtocolStack().getProtocols()).hasSize(15);
    }
    try (JChannel channel =
        channel(
            "<UDP bind_addr=\"127.0.0.1\"/><dns.DNS_PING dns_query=\"nodes\"/><pbcast.NAKACK2/><pbcast.GMS/>")) {
      assertThat(channel.getProtocolStack().<FD_SOCK2>findProtocol(FD_SOCK2.class)).isNull();
    }
  }

  @Test
  void otherTransportsAreRefused() {
    for (String transport : List.of("TCP_NIO2", "TUNNEL", "SHARED_LOOPBACK")) {
      assertRefused(
          "<" + transport + "/>" + PLAIN,
          "has " + transport + ", which is no transport that can be sealed: use TCP or UDP");
    }
  }

  @Test
  void socketsBesideTheTransportAreRefused() {
    for (String detection : List.of("FD_SOCK", "FD_SOCK2")) {
      assertRefused(
          "<TCP/><TCPPING/><" + detection + "/><pbcast.GMS/>",
          "has "
              + detection
              + ", whose sockets hear everybody: take it out, and have TCP notice that a node has"
              + " died by its attribute enable_suspect_events=\"true\"");
    }
  }

  @Test
  void protocolsWhoseMessagesAreNotAdmittedAreRefused() {
    for (String protocol : List.of("MPING", "BPING", "COUNTER", "FRAG4", "SYM_ENCRYPT", "AUTH")) {
      assertRefused(
          "<TCP/><" + protocol + "/><pbcast.GMS/>",
          "has "
              + protocol
              + ", whose messages are not admitted: take it out. Admitted are any discovery without"
              + " a socket of its own, BARRIER, FD_ALL3, FRAG2, GMS, MERGE3, MFC, NAKACK2, RED,"
              + " STABLE, STATE_TRANSFER, UFC, UNICAST3, VERIFY_SUSPECT2");
    }
  }

  @Test
  void whatHearsBesideTheSealIsRefused() {
    assertRefused(
        "<TCP bind_addr=\"127.0.0.1\" bind_port=\"7811\" tls.enabled=\"true\"/>" + PLAIN,
        "sets tls or local_transport_class: take it out, since what is sent is sealed with"
            + " geecache.secret");
  }
}
