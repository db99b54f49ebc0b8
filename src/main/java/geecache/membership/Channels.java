package geecache.membership;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.stream.Collectors;
import org.jgroups.JChannel;
import org.jgroups.conf.ConfiguratorFactory;
import org.jgroups.conf.ProtocolConfiguration;
import org.jgroups.conf.ProtocolStackConfigurator;
import org.jgroups.protocols.TP;
import org.jgroups.stack.Protocol;
import org.jgroups.stack.ProtocolStack;

/** Makes JGroups channels as the options say. */
final class Channels {
  private Channels() {}

  /**
   * Makes a channel that is not connected.
   *
   * @throws IllegalArgumentException if its configuration is not to be had, or is refused
   */
  static JChannel channel(JGroupsOptions options) {
    try {
      JChannel channel = new JChannel(configuration(options));
      if (!options.secrets().isEmpty()) {
        above(channel, new Seal(new SealingKeys(options.secrets(), options.cluster())));
      }
      return channel;
    } catch (RuntimeException refused) {
      throw refused;
    } catch (Exception refused) {
      throw new IllegalArgumentException(
          "JGroups refuses its configuration (" + options.stack() + "): " + refused.getMessage(),
          refused);
    }
  }

  /** Puts a protocol right above the transport. */
  static void above(JChannel channel, Protocol protocol) throws Exception {
    ProtocolStack stack = channel.getProtocolStack();
    stack.insertProtocol(protocol, ProtocolStack.Position.ABOVE, TP.class);
    protocol.setProtocolStack(stack);
    protocol.init();
  }

  private static ProtocolStackConfigurator configuration(JGroupsOptions options) throws Exception {
    boolean tcp = options.stack().equals(JGroupsOptions.TCP);
    if (!tcp && !options.stack().equals(JGroupsOptions.UDP)) {
      return ConfiguratorFactory.getStackConfigurator(options.stack());
    }
    ProtocolStackConfigurator made = ours(tcp ? "tcp.xml" : "udp.xml");
    HostAndPort bind = HostAndPort.of(options.bind());
    Map<String, String> transport = properties(made, tcp ? "TCP" : "UDP");
    transport.put("bind_addr", bind.host());
    transport.put("bind_port", String.valueOf(bind.port()));
    if (tcp) {
      properties(made, "TCPPING").put("initial_hosts", hosts(options));
    } else {
      HostAndPort group = HostAndPort.of(options.multicast());
      transport.put("mcast_addr", group.host());
      transport.put("mcast_port", String.valueOf(group.port()));
    }
    return made;
  }

  /** As JGroups writes them. */
  private static String hosts(JGroupsOptions options) {
    return options.hosts().stream()
        .map(HostAndPort::of)
        .map(at -> at.host() + "[" + at.port() + "]")
        .collect(Collectors.joining(","));
  }

  private static ProtocolStackConfigurator ours(String name) throws Exception {
    try (InputStream in = Channels.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(name);
      }
      return ConfiguratorFactory.getStackConfigurator(in);
    } catch (IOException impossible) {
      throw new IllegalStateException("geecache's own jar lacks " + name, impossible);
    }
  }

  private static Map<String, String> properties(ProtocolStackConfigurator of, String protocol) {
    return of.getProtocolStack().stream()
        .filter(configured -> configured.getProtocolName().equals(protocol))
        .map(ProtocolConfiguration::getProperties)
        .findFirst()
        .orElseThrow();
  }
}
