package geecache.membership;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jgroups.JChannel;
import org.jgroups.conf.ConfiguratorFactory;
import org.jgroups.conf.ProtocolConfiguration;
import org.jgroups.conf.ProtocolStackConfigurator;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.TP;
import org.jgroups.stack.Protocol;

/** Makes JGroups channels as the options say. */
final class Channels {
  private Channels() {}

  /**
   * Makes a channel that is not connected.
   *
   * @param strangers counts what the channel drops
   * @throws IllegalArgumentException if its configuration is not to be had, or is refused
   */
  static JChannel channel(JGroupsOptions options, Strangers strangers) {
    try {
      ProtocolStackConfigurator configuration = configuration(options);
      admit(configuration, options.stack());
      JChannel channel = new JChannel(configuration);
      TP transport = channel.getProtocolStack().getTransport();
      if (transport.getLocalTransport() != null
          || (transport instanceof TCP tcp && tcp.tls().enabled())) {
        channel.close();
        throw new IllegalArgumentException(
            ("the JGroups configuration %s sets tls or local_transport_class: take it out, since"
                    + " what is sent is sealed with geecache.secret")
                .formatted(options.stack()));
      }
      transport.getDiagnosticsHandler().setEnabled(false); // It listens, and takes orders.
      ((SealedTransport) transport)
          .seal(new SealingKeys(options.secrets(), options.cluster()), strangers);
      return channel;
    } catch (RuntimeException refused) {
      throw refused;
    } catch (Exception refused) {
      throw new IllegalArgumentException(
          "JGroups refuses its configuration (" + options.stack() + "): " + refused.getMessage(),
          refused);
    }
  }

  /** Has the transport sealed, and refuses protocols that would be heard beside it. */
  private static void admit(ProtocolStackConfigurator configuration, String name) throws Exception {
    List<ProtocolConfiguration> stack = configuration.getProtocolStack();
    for (int i = 0; i < stack.size(); i++) {
      Class<? extends Protocol> type = stack.get(i).loadProtocolClass(Channels.class);
      Optional<String> refusal =
          i == 0 ? AdmittedProtocols.refuseTransport(type) : AdmittedProtocols.refuse(type);
      if (refusal.isPresent()) {
        throw new IllegalArgumentException(
            "the JGroups configuration %s has %s, %s"
                .formatted(name, type.getSimpleName(), refusal.get()));
      }
    }
    ProtocolConfiguration transport = stack.get(0);
    boolean tcp = transport.loadProtocolClass(Channels.class) == TCP.class;
    stack.set(0, new Sealed(tcp ? SealedTcp.class : SealedUdp.class, transport));
  }

  /** A transport of ours with the properties of JGroups' own, wherever JGroups was loaded from. */
  private static final class Sealed extends ProtocolConfiguration {
    private final Class<? extends TP> type;

    Sealed(Class<? extends TP> type, ProtocolConfiguration original) {
      super(type.getName(), original.getProperties());
      this.type = type;
    }

    @Override
    public Class<? extends Protocol> loadProtocolClass(Class<?> loading) {
      return type;
    }
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
