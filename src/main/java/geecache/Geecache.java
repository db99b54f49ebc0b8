package geecache;

import jakarta.servlet.ServletContext;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node: the groups of one application, from its start to its end. Any number of nodes can live in
 * one JVM. Safe for use by many threads.
 */
public final class Geecache implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Geecache.class);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final ConcurrentMap<String, Group> groups = new ConcurrentHashMap<>();

  private final LocalNode local;

  /** The names of the required groups. */
  private final Set<String> required = ConcurrentHashMap.newKeySet();

  /**
   * Guards the step from open to closed against registration: a group is either refused, or closed
   * with the others. No code of users runs under it.
   */
  private final Object lifecycle = new Object();

  /** Read and written under {@code lifecycle}. */
  private boolean closed;

  private final NodeParts parts;

  /** Makes a node without groups, with the system's clock and as many loader threads as needed. */
  public Geecache() {
    this(Ticker.system(), 0);
  }

  /**
   * Makes a node without groups.
   *
   * @param ticker the clock for everything that ages
   * @param loaderThreads the number of platform threads that run getters, at most, shared by all
   *     groups; 0 for one thread for each load, so that only the bounds of the groups hold
   */
  public Geecache(Ticker ticker, int loaderThreads) {
    if (loaderThreads < 0) {
      throw new IllegalArgumentException("loaderThreads must not be negative: " + loaderThreads);
    }
    this.parts = NodeParts.of(ticker, new LoaderThreads(loaderThreads));
    this.local = new LocalNode(groups, parts);
  }

  /** Makes a node without groups, of parts that a test steers. */
  Geecache(NodeParts parts) {
    this.parts = parts;
    this.local = new LocalNode(groups, parts);
  }

  /**
   * Returns the node of a web application. The first call makes it, so that listeners may run in
   * any order. It is the context attribute named {@code geecache.Geecache}, and ends when the
   * application is undeployed.
   *
   * @throws IllegalStateException if the attribute has another value
   */
  public static Geecache of(ServletContext context) {
    // One lock for all contexts: the first calls of two threads must agree on one node. Only
    // the container's attribute map and the application's attribute listeners run under it.
    synchronized (Geecache.class) {
      String name = Geecache.class.getName();
      Object found = context.getAttribute(name);
      if (found == null) {
        Geecache made = new Geecache();
        context.setAttribute(name, made);
        return made;
      }
      if (found instanceof Geecache node) {
        return node;
      }
      throw new IllegalStateException(
          "the servlet context attribute " + name + " is not a node: " + found.getClass());
    }
  }

  /**
   * Registers a group with a budget, and with the defaults of {@link GroupBuilder} for all other
   * settings.
   *
   * @param maxBytes as in {@link GroupBuilder#maxBytes}
   * @throws IllegalArgumentException if the name, the budget or the getter breaks its rule
   * @throws IllegalStateException if the name is taken, or the node is closed
   */
  public Group newGroup(String name, long maxBytes, Getter getter) {
    return group(name).maxBytes(maxBytes).register(getter);
  }

  /**
   * Has loads that begin from now on run on threads of this kind. Unless this is called, they run
   * on virtual threads from JVM 24 on, and before that on platform threads.
   *
   * @throws IllegalStateException if {@code kind} is {@link ThreadKind#VIRTUAL}, and the JVM is
   *     older than 21 or the number of loader threads is bounded
   */
  public void loaderThreads(ThreadKind kind) {
    parts.loaders().use(kind);
  }

  /**
   * Has each load that begins from now on run with the context of the get that began it, such as
   * its trace or its user: {@code decorator} is given the load on the thread of that get, and
   * returns what a loader thread runs in its place. That has to run the load once, and restores
   * what it changes. Other gets may wait for the same load, and one call may load many keys: they
   * have the context of the first. A request of another node has that of its own thread.
   */
  public void loadDecorator(UnaryOperator<Runnable> decorator) {
    parts.loaders().decorateBy(Objects.requireNonNull(decorator));
  }

  /**
   * Has each lease count from the beginning of its caller's transaction, of which {@code ages}
   * knows the age: what a {@link Loader} reads in a transaction is stored only if its key was not
   * removed since that began.
   */
  public void transactionAge(TransactionAge ages) {
    parts.loaders().transactionsBy(Objects.requireNonNull(ages));
  }

  /**
   * Begins the description of a group.
   *
   * @param name 1 to 128 letters, digits, {@code .}, {@code _}, {@code ~} or {@code -}, which every
   *     container passes on in a path; not {@code .} or {@code ..}
   */
  public GroupBuilder group(String name) {
    return new GroupBuilder(this::register, name);
  }

  private Group register(String name, GroupSettings settings, Getter getter) {
    Group group = new Group(new GroupEngine(name, settings, getter, parts));
    synchronized (lifecycle) {
      if (closed) {
        throw new IllegalStateException("the node is closed; group " + name + " came too late");
      }
      if (groups.putIfAbsent(name, group) != null) {
        throw new IllegalStateException("group " + name + " is registered already");
      }
    }
    local.addGroup(group);
    return group;
  }

  /**
   * Makes this node one of a cluster. The node closes {@code peers} when it ends.
   *
   * @throws IllegalStateException if the node has peers already, or is closed
   */
  public void registerPeers(Cluster peers) {
    synchronized (lifecycle) {
      if (closed) {
        throw new IllegalStateException("the node is closed; its peers came too late");
      }
      if (!(parts.cluster().get() instanceof NoPeers)) {
        throw new IllegalStateException("peers are registered already");
      }
      parts.cluster().set(peers);
    }
    local.joinCluster(peers);
  }

  /** Returns this node as its cluster sees it, and the server that answers its peers. */
  public LocalNode local() {
    return local;
  }

  /**
   * Adds required groups: the node is not ready until all of them are registered. They may be
   * registered before or after this call, or never.
   */
  public void requireGroups(Collection<String> names) {
    required.addAll(names);
  }

  /**
   * Returns the required groups that are not registered, in order. A node that is ready has none.
   */
  public List<String> missingGroups() {
    return required.stream().filter(name -> !groups.containsKey(name)).sorted().toList();
  }

  /** Returns the groups registered now; unmodifiable. */
  public Collection<Group> groups() {
    return List.copyOf(groups.values());
  }

  /** Returns the group registered under {@code name}; none once the node is closed. */
  public Optional<Group> find(String name) {
    return Optional.ofNullable(groups.get(name));
  }

  /**
   * Ends the node. It hands its values over to its peers, for as long as they may take for that (5
   * s, unless set otherwise). Then it forgets all groups, refuses new ones, fails the loads under
   * way and interrupts their getters. It waits up to 5 s for its threads to end, and up to 5 s for
   * those of its peers. At last it closes the getters that are {@link AutoCloseable}.
   *
   * <p>A {@link Group} that a caller still has fails each get with a {@link ClosedException}:
   * nobody tells the node of changes any more. A {@code set} stores nothing. Closing twice does
   * nothing.
   */
  @Override
  public void close() {
    synchronized (lifecycle) {
      if (closed) {
        return;
      }
      closed = true;
    }
    handOver(); // While everything else still works.
    local.close();
    engines().forEach(GroupEngine::close); // Before their getters are interrupted.
    closePeers();
    parts.loaders().close();
    List<GroupEngine> ended = engines();
    ended.forEach(GroupEngine::close);
    groups.clear();
    awaitLoaders();
    ended.forEach(Geecache::closeGetter);
  }

  private List<GroupEngine> engines() {
    return groups.values().stream().map(group -> group.engine).toList();
  }

  private void handOver() {
    try {
      parts.cluster().get().handOver();
    } catch (RuntimeException failure) {
      log.warn("handing values over to other nodes failed", failure);
    }
  }

  /** A cluster may fail to close, and the threads have to end all the same. */
  private void closePeers() {
    try {
      parts.cluster().get().close();
    } catch (RuntimeException failure) {
      log.warn("closing the peers failed", failure);
    }
  }

  /** A getter may fail to close, and the others are closed all the same. */
  private static void closeGetter(GroupEngine group) {
    try {
      group.closeGetter();
    } catch (Exception failure) {
      log.warn("closing the getter of group {} failed", group.name(), failure);
    }
  }

  private void awaitLoaders() {
    try {
      if (!parts.loaders().awaitEnd(CLOSE_LIMIT, parts.waitTicker())) {
        log.warn("a getter ignores its interrupt: its thread goes on after the node was closed");
      }
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
  }
}
