package geecache.membership;

import java.util.List;

/**
 * How JGroups finds and hears the other nodes.
 *
 * @param stack {@code tcp} for a list of hosts, {@code udp} for multicast; anything else is the
 *     path or URL of a JGroups configuration, whose transport is sealed as ours is
 * @param cluster tells this cluster from others that the same traffic reaches
 * @param bind {@code address:port} at which this node listens; not used with a configuration of
 *     one's own
 * @param hosts of {@code tcp}: {@code host:port} of all nodes, or of some that are always there
 * @param multicast of {@code udp}: {@code address:port} of the multicast group
 * @param secrets what all nodes share: the first seals what is sent, and any opens what comes; none
 *     for traffic that anybody can read and join
 */
public record JGroupsOptions(
    String stack,
    String cluster,
    String bind,
    List<String> hosts,
    String multicast,
    List<String> secrets) {
  /** The stack of a list of hosts. */
  public static final String TCP = "tcp";

  /** The stack of multicast. */
  public static final String UDP = "udp";

  /**
   * Refuses what cannot work.
   *
   * @throws IllegalArgumentException if {@code tcp} has no hosts, or if an address that is used has
   *     no port
   */
  public JGroupsOptions {
    hosts = List.copyOf(hosts);
    secrets = List.copyOf(secrets);
    if (stack.equals(TCP)) {
      if (hosts.isEmpty()) {
        throw new IllegalArgumentException("JGroups over TCP needs host:port of at least one node");
      }
      hosts.forEach(HostAndPort::of);
    }
    if (stack.equals(UDP)) {
      HostAndPort.of(multicast);
    }
    if (stack.equals(TCP) || stack.equals(UDP)) {
      HostAndPort.of(bind);
    }
  }

  /**
   * Returns {@code text}.
   *
   * @throws IllegalArgumentException if it is not {@code host:port} or {@code [address]:port}
   */
  public static String requireHostAndPort(String text) {
    HostAndPort.of(text);
    return text;
  }

  /** Does not tell the secrets. */
  @Override
  public String toString() {
    return "JGroupsOptions[stack=%s, cluster=%s, bind=%s, hosts=%s, multicast=%s, secrets=%s]"
        .formatted(stack, cluster, bind, hosts, multicast, secrets.isEmpty() ? "none" : "****");
  }
}
