package geecache.node;

import geecache.Geecache;
import geecache.GroupProvider;
import geecache.ThreadKind;
import geecache.Tracing;
import geecache.http.HTTPPool;
import geecache.http.PeerOptions;
import geecache.http.Secrets;
import geecache.membership.Membership;
import geecache.membership.StaticMembership;
import geecache.metrics.NodeBeans;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * Makes a whole node in code, which an {@code HTTPPoolServlet} of its own serves:
 *
 * <pre>{@code
 * Geecache node =
 *     GeecacheBuilder.create()
 *         .self("http://10.0.0.1:8080/shop")
 *         .peers("http://10.0.0.1:8080/shop", "http://10.0.0.2:8080/shop")
 *         .secret(secret)
 *         .start();
 * }</pre>
 *
 * <p>Everything has a default; without {@link #peers} or {@link #membership} the node is alone.
 * Settings are not read. The caller closes the node. For one thread.
 */
public final class GeecacheBuilder {
  private final PeerOptions.Builder peerOptions = PeerOptions.builder();
  private final List<GroupProvider> groups = new ArrayList<>();
  private @Nullable Geecache existing;
  private String self = "/";
  private String basePath = HTTPPool.DEFAULT_BASE_PATH;
  private @Nullable Level requestLog = Level.DEBUG;
  private @Nullable ThreadKind loaderThreads;
  private @Nullable UnaryOperator<Runnable> loadDecorator;
  private @Nullable Tracing tracing;
  private @Nullable String beans;
  private boolean dashboard;
  private Function<? super HTTPPool, ? extends Membership> membership =
      pool -> new StaticMembership(List.of());

  private GeecacheBuilder() {}

  /** Returns a builder that has the defaults. */
  public static GeecacheBuilder create() {
    return new GeecacheBuilder();
  }

  /**
   * Makes a whole node of {@code node}, which has no peers yet, such as one with another clock, or
   * that of {@link Geecache#of}.
   */
  public GeecacheBuilder of(Geecache node) {
    existing = node;
    return this;
  }

  /**
   * This node's base URL with its context path, exactly as its peers name it. Unless it is given,
   * the node finds itself in the list of nodes by asking each of them.
   */
  public GeecacheBuilder self(String url) {
    self = Objects.requireNonNull(url);
    return this;
  }

  /** The base URLs of all nodes, this one included. */
  public GeecacheBuilder peers(String... urls) {
    return peers(List.of(urls));
  }

  /** The base URLs of all nodes, this one included. */
  public GeecacheBuilder peers(Collection<String> urls) {
    return membership(new StaticMembership(urls));
  }

  /** What tells the node which nodes there are, in place of {@link #peers}. */
  public GeecacheBuilder membership(Membership nodes) {
    Objects.requireNonNull(nodes);
    return membership(pool -> nodes);
  }

  /**
   * As {@link #membership(Membership)}, for one that has to know something of this node: {@code
   * pool -> new DnsMembership(options, pool::ownUrl)}.
   */
  public GeecacheBuilder membership(Function<? super HTTPPool, ? extends Membership> nodes) {
    membership = Objects.requireNonNull(nodes);
    return this;
  }

  /**
   * The secret that nodes and clients show. With it, reads need it too, unless {@link #peerOptions}
   * opens them; without it, nothing can be changed in a cluster. While it is being replaced there
   * are two: the first is shown, and both are accepted.
   *
   * @throws IllegalArgumentException as {@link Secrets#of} does
   */
  public GeecacheBuilder secret(String... secrets) {
    peerOptions.secrets(Secrets.of(List.of(secrets)));
    return this;
  }

  /** Sets more of how the node deals with its peers: TLS, time-outs, limits. */
  public GeecacheBuilder peerOptions(Consumer<? super PeerOptions.Builder> options) {
    options.accept(peerOptions);
    return this;
  }

  /** Groups that the node has before its peers know it. May be called several times. */
  public GeecacheBuilder groups(GroupProvider provider) {
    groups.add(Objects.requireNonNull(provider));
    return this;
  }

  /** Where the servlet is mapped below the base URL, the same on all nodes. */
  public GeecacheBuilder basePath(String path) {
    basePath = Objects.requireNonNull(path);
    return this;
  }

  /** The level at which each request is logged, null to log none. Default {@link Level#DEBUG}. */
  public GeecacheBuilder requestLog(@Nullable Level level) {
    requestLog = level;
    return this;
  }

  /** On which threads loads run; see {@link Geecache#loaderThreads}. */
  public GeecacheBuilder loaderThreads(ThreadKind kind) {
    loaderThreads = kind;
    return this;
  }

  /**
   * What is told of gets that memory does not answer, of questions to peers and of loads. Default
   * {@link geecache.tracing.OpenTelemetryTracing#global} if the OpenTelemetry API is on the class
   * path, in version 1.57 or later; else {@link Tracing#NONE}.
   */
  public GeecacheBuilder tracing(Tracing told) {
    tracing = Objects.requireNonNull(told);
    return this;
  }

  /**
   * What carries the context of the callers over to the loads; see {@link Geecache#loadDecorator}.
   * Unless it is given, Micrometer's context propagation does that, if it is on the class path.
   */
  public GeecacheBuilder loadDecorator(UnaryOperator<Runnable> decorator) {
    loadDecorator = Objects.requireNonNull(decorator);
    return this;
  }

  /** Has JMX show the node and its groups as those of this context path; see {@link NodeBeans}. */
  public GeecacheBuilder jmx(String contextPath) {
    beans = Objects.requireNonNull(contextPath);
    return this;
  }

  /**
   * Whether the node keeps what each group did in the last 15 minutes, for the operator's page and
   * {@code /_cluster/status?history=}. Takes about 30 KiB a group, and names at most 84 of its
   * keys. Default false.
   */
  public GeecacheBuilder dashboard(boolean on) {
    dashboard = on;
    return this;
  }

  /**
   * Makes the node, its groups and its pool, and joins the cluster. Returns without waiting for
   * other nodes. If this fails, the node is closed, unless it is one that has peers already.
   *
   * @throws IllegalArgumentException if an option breaks its rule
   * @throws IllegalStateException if a group provider fails, or the node has peers already
   */
  public Geecache start() {
    PeerOptions options = peerOptions.build();
    Geecache node = existing == null ? new Geecache() : existing;
    if (node.local().cluster() instanceof HTTPPool) {
      throw new IllegalStateException("the node has peers already");
    }
    try {
      UnaryOperator<Runnable> decorator =
          loadDecorator == null ? MicrometerContext.decorator() : loadDecorator;
      if (decorator != null) {
        node.loadDecorator(decorator);
      }
      node.tracing(tracing == null ? DefaultTracing.find() : tracing);
      if (loaderThreads != null) {
        node.loaderThreads(loaderThreads);
      }
      groups.forEach(provider -> register(provider, node));
      if (dashboard) {
        node.local().keepHistory();
      }
      join(node, options);
      if (beans != null) {
        NodeBeans.register(node, beans);
      }
      return node;
    } catch (RuntimeException | Error failure) {
      node.close();
      throw failure;
    }
  }

  private void join(Geecache node, PeerOptions options) {
    HTTPPool pool = new HTTPPool(node, self, basePath, requestLog, options);
    try {
      node.registerPeers(pool);
    } catch (RuntimeException refused) {
      pool.close();
      throw refused;
    }
    Membership nodes = membership.apply(pool);
    pool.attachMembership(nodes);
    nodes.start(pool::set);
  }

  private static void register(GroupProvider provider, Geecache node) {
    try {
      provider.register(node);
    } catch (RuntimeException failure) {
      throw failure;
    } catch (Exception failure) {
      throw new IllegalStateException("a group provider failed: " + failure.getMessage(), failure);
    }
  }
}
