package geecache.web;

import geecache.http.HTTPPool;
import geecache.http.PeerOptions;
import geecache.http.Secrets;
import geecache.membership.DnsOptions;
import geecache.membership.JGroupsOptions;
import geecache.settings.Setting;
import geecache.settings.SettingFile;
import geecache.settings.SettingType;
import geecache.settings.Settings;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * Every setting there is of a node; {@link GroupSettingTable} has those of groups. What is read,
 * checked and logged, what unknown names are compared with, and {@code docs/settings.md} all come
 * from here: to add a setting, add a line.
 */
final class NodeSettingTable {
  /** Filled while this class is made, and not changed later. */
  private static final List<Setting<?>> ALL = new ArrayList<>();

  /** As {@link geecache.GroupBuilder} has it. */
  static final Pattern GROUP_NAME = Pattern.compile("(?!\\.\\.?$)[A-Za-z0-9._~-]{1,128}");

  static final String GROUP_NAME_RULE = "1 to 128 of A-Z a-z 0-9 . _ ~ - and not . or ..";

  /** What tells a node who the nodes are. */
  enum Engine {
    STATIC,
    DNS,
    JGROUPS
  }

  /** At which level a request is logged. */
  enum RequestLog {
    INFO(Level.INFO),
    DEBUG(Level.DEBUG),
    OFF(null);

    private final @Nullable Level level;

    RequestLog(@Nullable Level level) {
      this.level = level;
    }

    /** Null for not at all. */
    @Nullable Level level() {
      return level;
    }
  }

  static final Setting<Boolean> ENABLED =
      add("enabled", SettingType.flag(), "true", "`false`: servlet and listener do nothing");
  static final Setting<String> CONFIG = add(SettingFile.SETTING);
  static final Setting<Boolean> DEMO =
      add(
          "demo",
          SettingType.flag(),
          "false",
          "registers the `scores` example, if no group is named in settings");
  static final Setting<List<String>> REQUIRED_GROUPS =
      add(
          "required-groups",
          SettingType.list("names of groups, separated by commas", GROUP_NAME),
          "",
          "the groups without which the node is not ready");
  static final Setting<String> SELF =
      add(
          "self",
          SettingType.parsed("a base URL such as `http://10.0.0.1:8080/shop`", HTTPPool::baseUrlOf)
              .maskedBy(NodeSettingTable::withoutPasswords),
          null,
          "this node's base URL, context path included, as its peers name it; none unless set: it"
              + " then finds itself in the list by asking");
  static final Setting<List<String>> PEERS =
      add(
          "peers",
          SettingType.parsed(
                  "the base URLs of nodes, separated by commas",
                  text -> urls(text, HTTPPool::baseUrlOf))
              .maskedBy(NodeSettingTable::withoutPasswords),
          "",
          "the base URLs of all nodes, this one included; none for a node alone");
  static final Setting<Engine> MEMBERSHIP =
      add(
          "membership",
          SettingType.oneOf(Engine.class),
          "static",
          "what tells who the nodes are: `static`: `geecache.peers`; `dns`: the addresses of a name;"
              + " `jgroups`: the members of a JGroups cluster");
  static final Setting<URI> DNS =
      add(
          "dns",
          SettingType.parsed(
                  "a URL such as `http://nodes.example:8080/shop`",
                  text -> URI.create(baseUrl(text)))
              .maskedBy(NodeSettingTable::withoutPasswords),
          null,
          "with `dns`: the URL of any node, with the name that has all their addresses as its host");
  static final Setting<Duration> DNS_INTERVAL =
      add("dns-interval", SettingType.duration("100ms"), "5s", "the time between two look-ups");
  static final Setting<List<InetSocketAddress>> DNS_SERVERS =
      add(
          "dns-servers",
          SettingType.parsed(
              "`address:port` of name servers, separated by commas",
              text -> SettingType.items(text).stream().map(DnsOptions::server).toList()),
          "",
          "the name servers to ask; those of the system unless set");
  static final Setting<String> JGROUPS =
      add(
          "jgroups",
          SettingType.text("`tcp`, `udp`, or the path of a JGroups configuration"),
          "tcp",
          "with `jgroups`: `tcp` finds the nodes at `geecache.jgroups-hosts`, `udp` by multicast; a"
              + " configuration of your own is taken as it is");
  static final Setting<List<String>> JGROUPS_HOSTS =
      add(
          "jgroups-hosts",
          SettingType.parsed(
              "`host:port` of nodes, separated by commas",
              text ->
                  SettingType.items(text).stream()
                      .map(JGroupsOptions::requireHostAndPort)
                      .toList()),
          "",
          "with `tcp`: where JGroups listens on all nodes, or on some that are always there");
  static final Setting<String> JGROUPS_BIND =
      add(
          "jgroups-bind",
          SettingType.parsed("`address:port` of this machine", JGroupsOptions::requireHostAndPort),
          null,
          "where JGroups listens on this node; port 7800 of the host in `geecache.self` unless set."
              + " With `tcp` the port 100 above is used too");
  static final Setting<String> JGROUPS_MULTICAST =
      add(
          "jgroups-multicast",
          SettingType.parsed(
              "`address:port` of a multicast group", JGroupsOptions::requireHostAndPort),
          "239.8.8.8:45588",
          "with `udp`: where the nodes look for each other");
  static final Setting<String> JGROUPS_CLUSTER =
      add(
          "jgroups-cluster",
          SettingType.text("the name of a cluster"),
          null,
          "tells clusters apart that reach each other; `geecache` and the context path in"
              + " `geecache.self` unless set");
  static final Setting<Boolean> HEALTH =
      add("health", SettingType.flag(), "true", "`false`: the health checks answer 404");
  static final Setting<Secrets> SECRET =
      add(
          "secret",
          SettingType.parsed(
                  "one secret of at least 16 characters, or two, separated by a comma",
                  text -> Secrets.of(SettingType.items(text)))
              .secret(),
          "",
          "what nodes and whoever changes things have to show; two while one is being replaced."
              + " Without one, `PUT` and `DELETE` are refused, and so are changes in code where"
              + " there are peers");
  static final Setting<Boolean> PUBLIC_READS =
      add("public-reads", SettingType.flag(), "false", "`GET` and `HEAD` need no secret");
  static final Setting<Path> TLS_TRUST_STORE =
      add(
          "tls-trust-store",
          SettingType.parsed("the path of a PKCS12 or JKS file", Path::of),
          null,
          "the certificates that those of peers with `https:` URLs have to be signed by; those that"
              + " the JVM trusts unless set. A file that is replaced is read again");
  static final Setting<String> TLS_TRUST_STORE_PASSWORD =
      add(
          "tls-trust-store-password",
          SettingType.text("text").secret(),
          null,
          "that of the trust store; not needed where its certificates are not encrypted");
  static final Setting<Path> TLS_KEY_STORE =
      add(
          "tls-key-store",
          SettingType.parsed("the path of a PKCS12 or JKS file", Path::of),
          null,
          "this node's private key and certificate, for peers that ask for one; none unless set. A"
              + " file that is replaced is read again");
  static final Setting<String> TLS_KEY_STORE_PASSWORD =
      add(
          "tls-key-store-password",
          SettingType.text("text").secret(),
          null,
          "that of the key store and of the key in it; required with it");
  static final Setting<PeerOptions.Requests> PEER_REQUESTS =
      add(
          "peer-requests",
          SettingType.oneOf(PeerOptions.Requests.class),
          "batch",
          "`batch`: many keys in one request; `get`: one key a request");
  static final Setting<Duration> PEER_TIMEOUT =
      add(
          "peer-timeout",
          SettingType.duration("500ms"),
          "1s",
          "the silence after which a peer counts as failed");
  static final Setting<Integer> PEER_CONNECTIONS =
      add(
          "peer-connections",
          SettingType.count(1),
          "64",
          "requests to one peer that are waiting for their answer to begin, with `get`");
  static final Setting<Integer> PEER_PARKED =
      add(
          "peer-parked",
          SettingType.count(1),
          "64",
          "answers that stay open for keys which are loading: of one peer, and to all");
  static final Setting<Integer> PEER_WAITING =
      add(
          "peer-waiting",
          SettingType.count(1),
          "10000",
          "keys that wait to be asked of one peer; past it a get is overloaded");
  static final Setting<Integer> REMOVAL_LOG =
      add(
          "removal-log",
          SettingType.count(1),
          "10000",
          "removals that are remembered for nodes which were out of contact");
  static final Setting<Duration> WARM_JOIN =
      add(
          "warm-join",
          SettingType.duration("0s"),
          "1m",
          "for how long, after nodes have joined or left, a node asks whoever owned a key before the"
              + " source; at most `1h`, `0` for not at all");
  static final Setting<Duration> HANDOFF =
      add(
          "handoff",
          SettingType.duration("0s"),
          "5s",
          "for how long a node that leaves, or is undeployed, hands its values over; at most `30s`,"
              + " `0` for not at all");
  static final Setting<Boolean> GROUPCACHE =
      add(
          "groupcache",
          SettingType.flag(),
          "false",
          "Go nodes may ask this one, and the ring is theirs; the same on all nodes, see [Go](go.md)");
  static final Setting<List<String>> GROUPCACHE_PEERS =
      add(
          "groupcache-peers",
          SettingType.parsed(
                  "the base URLs of nodes, separated by commas",
                  text -> urls(text, HTTPPool::baseUrlAsWritten))
              .maskedBy(NodeSettingTable::withoutPasswords),
          "",
          "the base URLs of the Go nodes, byte for byte as they list them");
  static final Setting<RequestLog> REQUEST_LOG =
      add(
          "request-log",
          SettingType.oneOf(RequestLog.class),
          "debug",
          "the level at which each request is logged");

  private NodeSettingTable() {}

  /** Whether nothing is to be done, so that nothing else matters. */
  static boolean isSwitchedOff(Settings settings) {
    return !settings.find(ENABLED).orElse(true);
  }

  private static <T> Setting<T> add(
      String name, SettingType<T> type, @Nullable String defaultText, String description) {
    return add(Setting.ofNode(name, type, defaultText, description));
  }

  private static <T> Setting<T> add(Setting<T> setting) {
    ALL.add(setting);
    return setting;
  }

  /** Returns URLs without what may be a password in them. */
  private static String withoutPasswords(String urls) {
    return urls.replaceAll("//[^,]*@", "//" + SettingType.MASKED + "@");
  }

  private static String baseUrl(String text) {
    String url = HTTPPool.baseUrlOf(text);
    new DnsOptions(URI.create(url), Duration.ofDays(1), List.of()); // Refuses an address.
    return url;
  }

  /** Returns the URLs as they are written, if {@code rule} takes all. */
  private static List<String> urls(String text, UnaryOperator<String> rule) {
    List<String> urls = SettingType.items(text);
    urls.forEach(rule::apply);
    return urls;
  }

  /** Returns what is wrong with settings that are well by themselves, a line each. */
  static List<String> contradictions(Settings settings) {
    List<String> faults = new ArrayList<>();
    List<String> goNodes = settings.find(GROUPCACHE_PEERS).orElse(List.of());
    if (!settings.find(GROUPCACHE).orElse(true)) {
      if (!goNodes.isEmpty()) {
        faults.add(GROUPCACHE_PEERS.name() + " needs " + GROUPCACHE.name() + "=true");
      }
      return faults;
    }
    boolean listed = settings.find(MEMBERSHIP).orElse(null) == Engine.STATIC;
    if (listed && !goNodes.isEmpty() && settings.find(PEERS).filter(List::isEmpty).isPresent()) {
      faults.add(
          GROUPCACHE_PEERS.name() + " needs " + PEERS.name() + ", which has at least this node");
    }
    try {
      settings.find(PEERS).orElse(List.of()).forEach(HTTPPool::baseUrlAsWritten);
    } catch (IllegalArgumentException refused) {
      faults.add(PEERS.name() + ": " + refused.getMessage());
    }
    return faults;
  }

  /** Returns those of the node in the order in which they are documented; unmodifiable. */
  static List<Setting<?>> all() {
    return Collections.unmodifiableList(ALL);
  }
}
