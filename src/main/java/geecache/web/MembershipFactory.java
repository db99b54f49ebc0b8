package geecache.web;

import geecache.http.HTTPPool;
import geecache.membership.DnsMembership;
import geecache.membership.DnsOptions;
import geecache.membership.JGroupsMembership;
import geecache.membership.JGroupsOptions;
import geecache.membership.Membership;
import geecache.membership.StaticMembership;
import geecache.settings.Setting;
import geecache.settings.SettingType;
import geecache.settings.Settings;
import geecache.web.NodeSettingTable.Engine;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the {@link Membership} that settings choose: a list, DNS or JGroups. */
final class MembershipFactory {
  private static final Logger log = LoggerFactory.getLogger(MembershipFactory.class);
  private static final int JGROUPS_PORT = 7800;

  private MembershipFactory() {}

  /**
   * Makes a membership for {@code pool}; the caller starts it.
   *
   * @throws IllegalArgumentException if a setting is missing, or breaks a rule together with others
   * @throws IllegalStateException if a library is missing
   */
  static Membership of(Settings settings, HTTPPool pool) {
    Engine engine = settings.get(NodeSettingTable.MEMBERSHIP);
    warnIfUnused(settings, NodeSettingTable.PEERS, engine, Engine.STATIC);
    warnIfUnused(settings, NodeSettingTable.DNS, engine, Engine.DNS);
    warnIfUnused(settings, NodeSettingTable.JGROUPS_HOSTS, engine, Engine.JGROUPS);
    return switch (engine) {
      case STATIC -> new StaticMembership(settings.get(NodeSettingTable.PEERS));
      case DNS -> dns(settings, pool);
      case JGROUPS -> jgroups(settings, pool);
    };
  }

  /** Tells operators why their node stays alone. */
  private static void warnIfUnused(
      Settings settings, Setting<?> setting, Engine engine, Engine user) {
    if (engine != user && settings.isSet(setting)) {
      log.warn(
          "{} is not used: it is for geecache.membership={}, which is {}",
          setting.name(),
          SettingType.word(user),
          SettingType.word(engine));
    }
  }

  private static Membership dns(Settings settings, HTTPPool pool) {
    requireLibrary("dns", "org.xbill.DNS.Name", "dnsjava:dnsjava");
    URI nodes = required(settings, NodeSettingTable.DNS, "dns");
    DnsOptions options =
        new DnsOptions(
            nodes,
            settings.get(NodeSettingTable.DNS_INTERVAL),
            settings.get(NodeSettingTable.DNS_SERVERS));
    return new DnsMembership(options, pool::ownUrl);
  }

  private static Membership jgroups(Settings settings, HTTPPool pool) {
    requireLibrary("jgroups", "org.jgroups.JChannel", "org.jgroups:jgroups");
    String self = required(settings, NodeSettingTable.SELF, "jgroups");
    URI url = URI.create(self);
    String stack = settings.get(NodeSettingTable.JGROUPS);
    List<String> hosts = settings.get(NodeSettingTable.JGROUPS_HOSTS);
    if (stack.equals(JGroupsOptions.TCP) && hosts.isEmpty()) {
      throw new IllegalArgumentException("geecache.jgroups=tcp needs geecache.jgroups-hosts");
    }
    return new JGroupsMembership(
        new JGroupsOptions(
            stack,
            settings.find(NodeSettingTable.JGROUPS_CLUSTER).orElse("geecache" + url.getRawPath()),
            settings.find(NodeSettingTable.JGROUPS_BIND).orElse(url.getHost() + ":" + JGROUPS_PORT),
            hosts,
            settings.get(NodeSettingTable.JGROUPS_MULTICAST),
            settings.get(NodeSettingTable.SECRET).texts()),
        self,
        pool.id());
  }

  private static <T> T required(Settings settings, Setting<T> setting, String engine) {
    return settings
        .find(setting)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "geecache.membership=" + engine + " needs " + setting.name()));
  }

  private static void requireLibrary(String engine, String type, String artifact) {
    @Nullable ClassLoader loader = MembershipFactory.class.getClassLoader();
    try {
      Class.forName(type, false, loader);
    } catch (ClassNotFoundException absent) {
      throw new IllegalStateException(
          "geecache.membership=" + engine + " needs the library " + artifact, absent);
    }
  }
}
