package geecache.testing;

import geecache.Geecache;
import geecache.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Several real nodes in one JVM, each an embedded servlet container at a free port of 127.0.0.1,
 * which know each other's URLs. They share nothing but the JVM, and its system properties: a {@code
 * geecache.*} property would win over their settings.
 *
 * <p>Ports are opened before any node starts. What a peer sends too early waits for the start.
 *
 * <p>Unless they are set: {@code geecache.handoff} is 0, and {@code geecache.peer-timeout} 10 s.
 */
public final class TestCluster implements AutoCloseable {
  private static final Duration CONTACT_LIMIT = Duration.ofSeconds(30);

  /** No pause of a busy machine is to be taken for a peer's failure. */
  private static final String PATIENCE = "10s";

  private final List<TestNode> nodes;

  private TestCluster(List<TestNode> nodes) {
    this.nodes = List.copyOf(nodes);
  }

  /** Starts a cluster of so many nodes, without groups. */
  public static TestCluster of(int nodes) {
    return builder().nodes(nodes).start();
  }

  /** Begins the description of a cluster; of one node, unless it is told otherwise. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a node by its place, from 0. */
  public TestNode node(int index) {
    return nodes.get(index);
  }

  /** Returns all nodes in their order. */
  public List<TestNode> nodes() {
    return nodes;
  }

  /** Returns the base URLs of all nodes in their order, as peers know them. */
  public List<String> urls() {
    return nodes.stream().map(TestNode::url).toList();
  }

  /**
   * Blocks until each running node is in contact with all running nodes that it knows of: before
   * that, nodes load keys which others own.
   *
   * @throws IllegalStateException if that takes more than 30 s; the message says who is missing
   */
  public void awaitContact() {
    long end = System.nanoTime() + CONTACT_LIMIT.toNanos();
    for (TestNode node : nodes) {
      while (node.isRunning() && !node.pool().inContact().containsAll(expectedBy(node))) {
        if (System.nanoTime() - end > 0) {
          throw new IllegalStateException(
              "%s is in contact with %s and not with all of %s"
                  .formatted(node.url(), node.pool().inContact(), expectedBy(node)));
        }
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  private List<String> expectedBy(TestNode node) {
    List<String> known = node.pool().nodes();
    return nodes.stream()
        .filter(other -> other != node && other.isRunning() && known.contains(other.url()))
        .map(TestNode::url)
        .toList();
  }

  /** Closes all nodes: no thread and no port is left. Closing twice does nothing. */
  @Override
  public void close() {
    IllegalStateException failure = new IllegalStateException("not every node could be closed");
    closeAll(nodes, failure);
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }

  private static void closeAll(List<TestNode> nodes, Throwable failure) {
    for (TestNode node : nodes) {
      try {
        node.close();
      } catch (RuntimeException another) {
        failure.addSuppressed(another);
      }
    }
  }

  /** Describes a cluster before it starts. For use by one thread. */
  public static final class Builder {
    private int count = 1;
    private String contextPath = "/";
    private boolean fronts;
    private IntFunction<@Nullable SSLContext> tls = index -> null;
    private @Nullable Ticker ticker;
    private int loaderThreads;
    private BiConsumer<Integer, Geecache> groups = (index, geecache) -> {};
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Map<Integer, Map<String, String>> ownSettings = new HashMap<>();
    private final Map<Integer, int[]> views = new HashMap<>();

    private Builder() {}

    /** How many nodes. Default 1. */
    public Builder nodes(int nodes) {
      count = nodes;
      return this;
    }

    /** The context path of all nodes' applications, such as {@code /shop}. Default {@code /}. */
    public Builder contextPath(String path) {
      contextPath = path;
      return this;
    }

    /** Gives each node groups, at each of its starts. May be called several times. */
    public Builder groups(Consumer<Geecache> register) {
      return groups((index, geecache) -> register.accept(geecache));
    }

    /** As the other, and says which node it is, so that each can have a source of its own. */
    public Builder groups(BiConsumer<Integer, Geecache> register) {
      groups = groups.andThen(register);
      return this;
    }

    /** A setting of all nodes: a context parameter of their applications. */
    public Builder setting(String name, String value) {
      settings.put(name, value);
      return this;
    }

    /** A setting of one node, which wins over that of all. */
    public Builder setting(int index, String name, String value) {
      ownSettings.computeIfAbsent(index, node -> new LinkedHashMap<>()).put(name, value);
      return this;
    }

    /** What the nodes tell each other apart from strangers by: {@code geecache.secret}. */
    public Builder secret(String secret) {
      return setting("geecache.secret", secret);
    }

    /** How nodes ask each other, {@code batch} or {@code get}: {@code geecache.peer-requests}. */
    public Builder peerRequests(String how) {
      return setting("geecache.peer-requests", how);
    }

    /**
     * The peers that one node knows, itself included or not: its {@code geecache.peers}. Default
     * all.
     */
    public Builder view(int index, int... peers) {
      views.put(index, peers.clone());
      return this;
    }

    /** Puts a {@link FaultyPeer} in front of each node, and its URL into all settings. */
    public Builder fronts() {
      fronts = true;
      return this;
    }

    /**
     * As {@link #fronts}, and the fronts speak TLS: the URLs are of https, and of whoever connects
     * a certificate is demanded. What the nodes show and trust is in their settings.
     *
     * @param contexts makes that of a node's front, by the number of the node
     */
    public Builder tlsFronts(IntFunction<SSLContext> contexts) {
      tls = contexts::apply;
      return fronts();
    }

    /** The clock of all nodes. Default the system's. */
    public Builder ticker(Ticker clock) {
      ticker = clock;
      return this;
    }

    /** How many threads of each node run getters. Default 0, for as many as needed. */
    public Builder loaderThreads(int threads) {
      loaderThreads = threads;
      return this;
    }

    /**
     * Starts all nodes, one after the other, and returns when they answer.
     *
     * @throws IllegalArgumentException if the context path starts with no slash or ends with one,
     *     or a number is not that of a node
     * @throws RuntimeException whatever a node or its groups fail with; nothing is left running
     */
    public TestCluster start() {
      requirePath();
      requireNumbers();
      List<TestNode> nodes = new ArrayList<>();
      try {
        for (int i = 0; i < count; i++) {
          nodes.add(new TestNode(i, contextPath, fronts, tls.apply(i)));
        }
        for (TestNode node : nodes) {
          node.start(settingsOf(node, nodes), new NodeParts(groupsOf(node), ticker, loaderThreads));
        }
        return new TestCluster(nodes);
      } catch (RuntimeException | Error failure) {
        closeAll(nodes, failure);
        throw failure;
      }
    }

    private void requirePath() {
      if (!contextPath.matches("/|(/[^/]+)+")) {
        throw new IllegalArgumentException("not / and not like /shop: " + contextPath);
      }
    }

    private void requireNumbers() {
      if (count < 1) {
        throw new IllegalArgumentException("nodes must be positive: " + count);
      }
      views.keySet().forEach(this::requireNode);
      ownSettings.keySet().forEach(this::requireNode);
      views.values().stream().flatMapToInt(Arrays::stream).forEach(this::requireNode);
    }

    private void requireNode(int index) {
      if (index < 0 || index >= count) {
        throw new IllegalArgumentException("of " + count + " nodes there is no " + index);
      }
    }

    private Map<String, String> settingsOf(TestNode node, List<TestNode> nodes) {
      int[] view = views.get(node.index());
      String peers =
          (view == null ? nodes.stream() : Arrays.stream(view).mapToObj(nodes::get))
              .map(TestNode::url)
              .collect(Collectors.joining(","));
      Map<String, String> all = new LinkedHashMap<>();
      all.put("geecache.handoff", "0");
      all.put("geecache.peer-timeout", PATIENCE);
      all.put("geecache.self", node.url());
      all.put("geecache.peers", peers);
      all.putAll(settings);
      all.putAll(ownSettings.getOrDefault(node.index(), Map.of()));
      return all;
    }

    private Consumer<Geecache> groupsOf(TestNode node) {
      BiConsumer<Integer, Geecache> register = groups;
      return geecache -> register.accept(node.index(), geecache);
    }
  }
}
