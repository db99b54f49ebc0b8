package geecache.faults;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The network between nodes: a {@link Link} from each to each. All name a node by the same URL, and
 * each has a hosts file of its own, in which the others' names are the addresses of its links.
 */
final class Network implements AutoCloseable {
  private final int nodes;
  private final Map<String, Link> links = new HashMap<>();

  Network(int nodes) {
    this.nodes = nodes;
  }

  static String host(int node) {
    return "node" + node;
  }

  /** Writes the hosts file of {@code node}, for {@code -Djdk.net.hosts.file}. */
  Path hosts(int node, Path directory) throws IOException {
    StringBuilder hosts = new StringBuilder("127.0.0.1 localhost " + host(node) + "\n");
    hosts.append("127.0.0.1 ").append(InetAddress.getLocalHost().getHostName()).append("\n");
    for (int other = 0; other < nodes; other++) {
      if (other != node) {
        hosts.append(address(node, other)).append(' ').append(host(other)).append("\n");
      }
    }
    return Files.writeString(directory.resolve("hosts-" + node), hosts);
  }

  /** All of 127.0.0.0/8 is this machine. */
  private static String address(int from, int to) {
    return "127.77." + (from + 1) + "." + (to + 1);
  }

  /** Opens all links. */
  void open(List<Integer> ports) throws IOException {
    for (int from = 0; from < nodes; from++) {
      for (int to = 0; to < nodes; to++) {
        if (from != to) {
          InetAddress address = InetAddress.getByName(address(from, to));
          links.put(Times.link(from, to), new Link(address, ports.get(to)));
        }
      }
    }
  }

  void become(List<String> some, Link.State state) {
    some.forEach(link -> links.get(link).become(state));
  }

  @Override
  public void close() throws IOException {
    for (Link link : links.values()) {
      link.close();
    }
  }
}
