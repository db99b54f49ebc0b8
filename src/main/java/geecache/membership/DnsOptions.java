package geecache.membership;

import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * The name at which nodes are found, and how to resolve it.
 *
 * @param nodes the URL of a node, with the name in place of its host; all nodes have the same
 *     scheme, port and context path
 * @param interval the time between two look-ups, at least 100 ms
 * @param servers name servers that are asked one after the other; empty for those of the system
 */
public record DnsOptions(URI nodes, Duration interval, List<InetSocketAddress> servers) {
  private static final Duration SHORTEST = Duration.ofMillis(100);

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if the URL is not one of http or https with a host, or has
   *     more than a port and a path; if its host is an address; or if the interval is too short
   */
  public DnsOptions {
    servers = List.copyOf(servers);
    String scheme = nodes.getScheme();
    if (!("http".equals(scheme) || "https".equals(scheme))
        || nodes.getHost() == null
        || nodes.getRawUserInfo() != null
        || nodes.getRawQuery() != null
        || nodes.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "nodes are found by a URL like http://name[:port][/path], without user, query or"
              + " fragment");
    }
    if (nodes.getHost().matches("\\[.*|[0-9.]+")) {
      throw new IllegalArgumentException(
          "nodes are found by a name, and this is an address: " + nodes.getHost());
    }
    if (interval.compareTo(SHORTEST) < 0) {
      throw new IllegalArgumentException("the interval must be at least 100 ms: " + interval);
    }
  }

  /**
   * Returns the name server at {@code address:port}.
   *
   * @throws IllegalArgumentException if {@code text} has another form, or a name in place of the
   *     address
   */
  public static InetSocketAddress server(String text) {
    HostAndPort at = HostAndPort.of(text);
    if (!at.host().matches("[0-9.]+|[0-9a-fA-F:.]+")) {
      throw new IllegalArgumentException("must be address:port, and this is a name: " + text);
    }
    return new InetSocketAddress(at.host(), at.port());
  }

  /** Returns the name whose addresses are the nodes. */
  String name() {
    return nodes.getHost();
  }

  /**
   * Returns the base URL of the node at an address.
   *
   * @param address as text, without brackets
   */
  String url(String address) {
    String host = address.indexOf(':') < 0 ? address : "[" + address + "]";
    String port = nodes.getPort() < 0 ? "" : ":" + nodes.getPort();
    return nodes.getScheme() + "://" + host + port + nodes.getRawPath().replaceFirst("/+$", "");
  }
}
