package geecache.web;

import geecache.Geecache;
import geecache.Group;
import geecache.GroupBuilder;
import geecache.GroupStats;
import geecache.http.HTTPPool;
import geecache.http.PeerOptions;
import geecache.node.GeecacheBuilder;
import geecache.settings.Setting;
import geecache.settings.SettingTable;
import geecache.settings.Settings;
import jakarta.servlet.ServletContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node that settings describe, with its groups, its peers, and its listening for changes in
 * databases, from their start to their end. It needs no servlet context; one that it is shown to
 * serves it. Safe for use by many threads.
 */
public final class ConfiguredNode implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ConfiguredNode.class);
  private static final String ATTRIBUTE = ConfiguredNode.class.getName();

  /**
   * The application of a node.
   *
   * @param contextPath empty for the root, or such as {@code /shop}
   * @param basePath where the servlet is mapped for reads
   * @param loader finds the group providers of the application
   * @param caches whether groups without a source are allowed, which are registered later
   */
  public record Application(
      String contextPath, String basePath, @Nullable ClassLoader loader, boolean caches) {}

  private final Geecache node;
  private final Settings settings;
  private final DatabaseChanges changes;
  private final ChangeTables tables;
  private final KeptKeys keys;
  private final Application application;
  private final AtomicBoolean ended = new AtomicBoolean();

  private ConfiguredNode(
      Geecache node, Settings settings, ConfiguredGroups groups, Application application) {
    this.node = node;
    this.settings = settings;
    this.changes = groups.changes();
    this.tables = groups.tables();
    this.keys = groups.keys();
    this.application = application;
  }

  /** Returns all settings that a node and its groups have. */
  public static SettingTable settingTable() {
    return ContextSettings.TABLE;
  }

  /** Whether {@code geecache.enabled} is false; no other setting counts then. */
  public static boolean isSwitchedOff(Settings settings) {
    return NodeSettingTable.isSwitchedOff(settings);
  }

  /**
   * Makes {@code node} what {@code settings} describe, and joins the cluster. Returns without
   * waiting for other nodes. If this fails, the node is closed.
   *
   * @param node has no peers yet
   * @throws IllegalArgumentException if the settings are wrong; the message has a line for each
   *     fault
   * @throws IllegalStateException if a group provider fails, or a library is missing
   */
  public static ConfiguredNode start(Geecache node, Settings settings, Application application) {
    try (ConfiguredGroups groups = new ConfiguredGroups(settings, application.caches())) {
      requireNoFault(settings, groups);
      warnOfMisfits(settings);
      ConfiguredNode made = new ConfiguredNode(node, settings, groups, application);
      made.start(groups);
      return made;
    } catch (RuntimeException | Error failure) {
      node.close();
      throw failure;
    }
  }

  private static void warnOfMisfits(Settings settings) {
    List<String> misfits = FittingLimits.misfits(settings);
    if (!misfits.isEmpty()) {
      log.warn("settings that do not fit each other: {}", String.join("; ", misfits));
    }
  }

  /** Tells all faults at once, before the node has any part. */
  private static void requireNoFault(Settings settings, ConfiguredGroups groups) {
    List<String> faults = faults(settings, groups);
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException("wrong settings:\n  " + String.join("\n  ", faults));
    }
  }

  /** Returns a line for each fault of the settings. */
  static List<String> faults(Settings settings, ConfiguredGroups groups) {
    List<String> faults = new ArrayList<>(settings.faults());
    faults.addAll(NodeSettingTable.contradictions(settings));
    faults.addAll(groups.faults());
    faults.addAll(groups.keys().faults(settings));
    faults.addAll(new ConfiguredTls(settings).faults());
    return faults;
  }

  private void start(ConfiguredGroups groups) {
    try {
      GeecacheBuilder builder =
          GeecacheBuilder.create()
              .of(node)
              .self(
                  settings
                      .find(NodeSettingTable.SELF)
                      .orElse("/" + application.contextPath().replaceFirst("^/", "")))
              .basePath(application.basePath())
              .dashboard(settings.get(NodeSettingTable.DASHBOARD))
              .requestLog(settings.get(NodeSettingTable.REQUEST_LOG).level())
              .peerOptions(options -> setPeerOptions(settings, options))
              .groups(given -> register(given, groups))
              .membership(pool -> MembershipFactory.of(settings, pool));
      settings.find(NodeSettingTable.LOADER_THREADS).ifPresent(builder::loaderThreads);
      if (settings.get(NodeSettingTable.JMX)) {
        builder.jmx(application.contextPath());
      }
      builder.start();
      changes.start(node, application.contextPath());
      tables.start(node);
      keys.start(node);
    } catch (RuntimeException | Error failure) {
      keys.close();
      tables.close();
      changes.close();
      throw failure;
    }
  }

  private void register(Geecache given, ConfiguredGroups groups) {
    given.requireGroups(settings.get(NodeSettingTable.REQUIRED_GROUPS));
    groups.register(given);
    if (settings.groups().isEmpty() && settings.get(NodeSettingTable.DEMO)) {
      DemoScores.register(given);
    }
    GroupProviderLoader.register(given, application.loader());
  }

  /** Returns the node itself. */
  public Geecache node() {
    return node;
  }

  /** Returns the settings that describe the node. */
  public Settings settings() {
    return settings;
  }

  /** Returns the node as its cluster sees it. */
  public HTTPPool pool() {
    return HTTPPool.of(node);
  }

  /** Returns the URLs of all nodes, if settings list them. */
  public Collection<String> listedNodes() {
    return settings.get(NodeSettingTable.PEERS);
  }

  /** Whether settings name other nodes, by a list or in another way. */
  public boolean hasPeers() {
    return NodeSettingTable.hasPeers(settings);
  }

  /** Whether there is a secret, without which no node may change what others hold. */
  public boolean hasSecret() {
    return !settings.get(NodeSettingTable.SECRET).texts().isEmpty();
  }

  /** Begins the description of a group with what settings say of it, if they do. */
  public GroupBuilder group(String name) {
    return settings.groups().contains(name)
        ? ConfiguredGroups.described(node, name, settings)
        : node.group(name);
  }

  /** Returns a line for each thing without which the node should get no requests. */
  public List<String> lacking() {
    List<String> lacking = new ArrayList<>();
    pool().notReady().ifPresent(lacking::add);
    node.missingGroups().forEach(group -> lacking.add("no group " + group));
    lacking.addAll(changes.lacking());
    lacking.addAll(keys.lacking(settings.find(NodeSettingTable.READY_WHEN_WARM)));
    return lacking;
  }

  /** Returns the settings that are written and those that decide most; the rest is default. */
  public String shownSettings() {
    StringBuilder all = new StringBuilder(settings.toString());
    for (String group : settings.groups()) {
      show(
          GroupSettingTable.MAX_LOADS.of(group),
          GroupSettingTable.loadsByDefault(group, settings),
          all);
      show(
          GroupSettingTable.CONNECTIONS.of(group),
          GroupSettingTable.connectionsByDefault(group, settings),
          all);
    }
    return all.isEmpty() ? "the default settings" : all.toString();
  }

  private static void show(Setting<?> setting, Optional<Integer> value, StringBuilder all) {
    value.ifPresent(most -> all.append(' ').append(setting.name()).append('=').append(most));
  }

  /**
   * Has the servlets and the listener of a web application serve this node, in place of one that
   * they would make. The application must not have a node yet.
   *
   * @throws IllegalStateException if it has
   */
  public void serveIn(ServletContext context) {
    String name = Geecache.class.getName();
    synchronized (HTTPPool.class) { // As for a node that a servlet makes.
      Object other = context.getAttribute(name);
      if (other != null && other != node) {
        throw new IllegalStateException(
            "the application has a node already, which geecache.Geecache.of(servletContext), a"
                + " listener or a servlet has made");
      }
      context.setAttribute(name, node);
      context.setAttribute(HTTPPool.class.getName(), pool());
      context.setAttribute(ATTRIBUTE, this);
      pool().noteServer();
      useIn(context, settings);
    }
  }

  /** Has the servlets and the listener of a web application read these settings and no others. */
  public static void useIn(ServletContext context, Settings settings) {
    ContextSettings.set(context, settings);
  }

  /** Returns the node that the servlets of a web application serve; empty if there is none yet. */
  public static Optional<ConfiguredNode> of(ServletContext context) {
    return context.getAttribute(ATTRIBUTE) instanceof ConfiguredNode made
        ? Optional.of(made)
        : Optional.empty();
  }

  /**
   * Ends the node, and logs what it held. Before that, listening for changes in databases ends, and
   * the keys of groups are written that outlive the node. The second call does nothing.
   */
  @Override
  public void close() {
    if (!ended.compareAndSet(false, true)) {
      return;
    }
    List<GroupStats> groups = node.groups().stream().map(Group::stats).toList();
    String url = pool().baseUrl();
    try {
      changes.close();
      tables.close();
      keys.close(); // While the values are here.
    } finally {
      node.close();
    }
    log.info(
        "geecache stopped at {}; it held {} values in {} groups, {} bytes",
        url,
        groups.stream().mapToLong(GroupStats::entries).sum(),
        groups.size(),
        groups.stream().mapToLong(GroupStats::bytes).sum());
  }

  static PeerOptions peerOptions(Settings settings) {
    PeerOptions.Builder options = PeerOptions.builder();
    setPeerOptions(settings, options);
    return options.build();
  }

  private static void setPeerOptions(Settings settings, PeerOptions.Builder options) {
    options
        .secrets(settings.get(NodeSettingTable.SECRET))
        .publicReads(settings.get(NodeSettingTable.PUBLIC_READS))
        .requests(settings.get(NodeSettingTable.PEER_REQUESTS))
        .timeout(settings.get(NodeSettingTable.PEER_TIMEOUT))
        .connections(settings.get(NodeSettingTable.PEER_CONNECTIONS))
        .maxOpenAnswers(settings.get(NodeSettingTable.PEER_PARKED))
        .maxQueuedKeys(settings.get(NodeSettingTable.PEER_WAITING))
        .removalLogSize(settings.get(NodeSettingTable.REMOVAL_LOG))
        .maxChanges(settings.get(NodeSettingTable.MAX_CHANGES))
        .maxBodies(settings.get(NodeSettingTable.MAX_BODIES))
        .maxBodyBytes(settings.get(NodeSettingTable.MAX_BODY_BYTES))
        .bodyTimeout(settings.get(NodeSettingTable.BODY_TIMEOUT))
        .warmJoin(settings.get(NodeSettingTable.WARM_JOIN))
        .handoff(settings.get(NodeSettingTable.HANDOFF))
        .readyRequiresContact(
            settings.get(NodeSettingTable.READY_REQUIRES_CONTACT)
                == NodeSettingTable.RequiredContact.ONE)
        .groupcache(settings.get(NodeSettingTable.GROUPCACHE))
        .groupcachePeers(settings.get(NodeSettingTable.GROUPCACHE_PEERS))
        .tls(new ConfiguredTls(settings).stores());
  }
}
