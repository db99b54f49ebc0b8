package geecache.web;

import geecache.Geecache;
import geecache.Group;
import geecache.GroupStats;
import geecache.http.HTTPPool;
import geecache.http.PeerOptions;
import geecache.http.Request;
import geecache.internal.ControlCharacters;
import geecache.internal.EscapedThrowable;
import geecache.node.GeecacheBuilder;
import geecache.settings.Settings;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node of a web application, with its {@link HTTPPool} and its groups, which listener and
 * servlets share. The first of them makes it: that is the listener, so that the node knows its
 * peers before the first request, or a servlet if there is no listener.
 */
final class WebNode {
  private static final Logger log = LoggerFactory.getLogger(WebNode.class);
  private static final String ATTRIBUTE = HTTPPool.class.getName();
  private static final String CHANGES = DatabaseChanges.class.getName();

  /** The attribute that an application has once its node was ended. */
  private static final String ENDED = WebNode.class.getName() + ".ended";

  private WebNode() {}

  /**
   * Returns the pool of the node of {@code context}. The first call makes node, pool and groups.
   *
   * <p>A failure is logged as well as thrown: containers keep what listeners throw in logs of their
   * own, where operators do not look.
   *
   * @throws IllegalArgumentException if the settings are wrong; the message has a line for each
   *     fault
   */
  static HTTPPool of(ServletContext context, Settings settings) {
    synchronized (HTTPPool.class) { // Node and pool are made under it; no request waits for it.
      if (context.getAttribute(ATTRIBUTE) instanceof HTTPPool made) {
        return made;
      }
      try (ConfiguredGroups groups = new ConfiguredGroups(settings)) {
        requireNoFault(settings, groups);
        warnOfMisfits(settings);
        HTTPPool pool = started(context, settings, groups);
        context.setAttribute(ATTRIBUTE, pool);
        return pool;
      } catch (IllegalArgumentException wrong) {
        log.error("geecache does not start at {}: {}", shown(context), wrong.getMessage());
        throw wrong;
      } catch (RuntimeException | Error failure) {
        log.error("geecache does not start at {}", shown(context), EscapedThrowable.of(failure));
        throw failure;
      }
    }
  }

  private static String shown(ServletContext context) {
    return ControlCharacters.escape(context.getContextPath() + "/");
  }

  private static void warnOfMisfits(Settings settings) {
    List<String> misfits = FittingLimits.misfits(settings);
    if (!misfits.isEmpty()) {
      log.warn("settings that do not fit each other: {}", String.join("; ", misfits));
    }
  }

  /** Tells all faults at once, before there is a node. */
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
    faults.addAll(new ConfiguredTls(settings).faults());
    return faults;
  }

  private static HTTPPool started(
      ServletContext context, Settings settings, ConfiguredGroups groups) {
    context.setAttribute(CHANGES, groups.changes());
    Geecache node = Geecache.of(context);
    try {
      GeecacheBuilder builder =
          GeecacheBuilder.create()
              .of(node)
              .self(self(context, settings))
              .basePath(basePath(context))
              .dashboard(settings.get(NodeSettingTable.DASHBOARD))
              .requestLog(settings.get(NodeSettingTable.REQUEST_LOG).level())
              .peerOptions(options -> setPeerOptions(settings, options))
              .groups(given -> register(given, context, settings, groups))
              .membership(pool -> MembershipFactory.of(settings, pool));
      settings.find(NodeSettingTable.LOADER_THREADS).ifPresent(builder::loaderThreads);
      if (settings.get(NodeSettingTable.JMX)) {
        builder.jmx(context.getContextPath());
      }
      builder.start();
      groups.changes().start(node, context.getContextPath());
      return HTTPPool.of(node);
    } catch (RuntimeException | Error failure) {
      end(context); // No container promises to tell a listener that failed of the end.
      throw failure;
    }
  }

  private static void register(
      Geecache node, ServletContext context, Settings settings, ConfiguredGroups groups) {
    node.requireGroups(settings.get(NodeSettingTable.REQUIRED_GROUPS));
    groups.register(node);
    if (settings.groups().isEmpty() && settings.get(NodeSettingTable.DEMO)) {
      DemoScores.register(node);
    }
    GroupProviderLoader.register(node, context.getClassLoader());
  }

  private static String self(ServletContext context, Settings settings) {
    return settings
        .find(NodeSettingTable.SELF)
        .orElse("/" + context.getContextPath().replaceFirst("^/", ""));
  }

  /**
   * Ends the node of a web application, even if the application's own code has made it, and logs
   * what it held. Listening for changes in databases ends first. Servlet and listener both call
   * this; the second call does nothing.
   */
  static void end(ServletContext context) {
    if (context.getAttribute(ENDED) != null
        || !(context.getAttribute(Geecache.class.getName()) instanceof Geecache node)) {
      return;
    }
    context.setAttribute(ENDED, true);
    if (context.getAttribute(CHANGES) instanceof DatabaseChanges changes) {
      changes.close();
    }
    List<GroupStats> groups = node.groups().stream().map(Group::stats).toList();
    node.close();
    log.info(
        "geecache stopped at {}; it held {} values in {} groups, {} bytes",
        context.getAttribute(ATTRIBUTE) instanceof HTTPPool pool
            ? pool.baseUrl()
            : context.getContextPath(),
        groups.stream().mapToLong(GroupStats::entries).sum(),
        groups.size(),
        groups.stream().mapToLong(GroupStats::bytes).sum());
  }

  /** Returns a line for each group that is required to listen to its database and does not. */
  static List<String> deafGroups(ServletContext context) {
    return context.getAttribute(CHANGES) instanceof DatabaseChanges changes
        ? changes.lacking()
        : List.of();
  }

  /** Returns the node of {@code context} as servlets serve it; made by the first call. */
  static ServedNode served(ServletContext context, Settings settings) {
    HTTPPool pool = of(context, settings);
    return ServedNode.of(Geecache.of(context), pool, settings);
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

  /** Returns the path where the servlet is mapped for reads, such as {@code /_geecache/}. */
  private static String basePath(ServletContext context) {
    try {
      return context.getServletRegistrations().values().stream()
          .filter(servlet -> HTTPPoolServlet.class.getName().equals(servlet.getClassName()))
          .map(ServletRegistration::getMappings)
          .flatMap(mappings -> mappings.stream().sorted())
          .filter(mapping -> mapping.endsWith("/*"))
          .map(mapping -> mapping.substring(0, mapping.length() - 1))
          .filter(mapping -> !mapping.equals(Request.Mapping.NODES.path()))
          .filter(mapping -> !mapping.equals(Request.Mapping.GROUPCACHE.path()))
          .findFirst()
          .orElse(HTTPPool.DEFAULT_BASE_PATH);
    } catch (UnsupportedOperationException refused) {
      return HTTPPool.DEFAULT_BASE_PATH; // To a listener that was added in code.
    }
  }
}
