package geecache.web;

import geecache.ThreadKind;
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
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * All settings of a node; {@link GroupSettingTable} has those of its groups. They are read,
 * checked, logged, suggested for misspelled names and written into {@code docs/settings.md} from
 * these tables: to add a setting, add a line.
 */
final class NodeSettingTable {
  /** Filled while this class is made, and not changed later. */
  private static final List<Setting<?>> ALL = new ArrayList<>();

  /** The words of Java for settings that are called otherwise. */
  private static final Map<String, String> OTHER_WORDS =
      Map.of(
          "secret", "secrets",
          "tls-trust-store", "trust-store",
          "tls-key-store", "key-store",
          "peer-requests", "requests",
          "peer-timeout", "timeout",
          "peer-connections", "connections",
          "peer-parked", "max-open-answers",
          "peer-waiting", "max-queued-keys",
          "removal-log", "removal-log-size");

  /** As {@link geecache.GroupBuilder} has it. */
  static final Pattern GROUP_NAME = Pattern.compile("(?!\\.\\.?$)[A-Za-z0-9._~-]{1,128}");

  private static final int FIRST_WITH_VIRTUAL_THREADS = 21;

  static final String GROUP_NAME_RULE = "1 to 128 of A-Z a-z 0-9 . _ ~ - and not . or ..";

  /** How nodes discover each other. */
  enum Engine {
    STATIC,
    DNS,
    JGROUPS
  }

  /** The peers with which a node must be in contact before it is ready. */
  enum RequiredContact {
    ONE,
    NONE
  }

  /** The level at which requests are logged. */
  enum RequestLog {
    INFO(Level.INFO),
    DEBUG(Level.DEBUG),
    OFF(null);

    private final @Nullable Level level;

    RequestLog(@Nullable Level level) {
      this.level = level;
    }

    /** Null if requests are not logged. */
    @Nullable Level level() {
      return level;
    }
  }

  /** A name of RFC 1123, section 2.1, and underscores, which are in use. */
  private static final Pattern HOST_NAME =
      Pattern.compile("[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?");

  static final Setting<Boolean> ENABLED =
      add("enabled", SettingType.flag(), "true", "`false`: servlet and listener do nothing");
  static final Setting<String> CONFIG = add(SettingFile.SETTING);
  static final Setting<Boolean> DEMO =
      add(
          "demo",
          SettingType.flag(),
          "false",
          "registers the `scores` example, if settings name no group");
  static final Setting<List<String>> REQUIRED_GROUPS =
      add(
          "required-groups",
          SettingType.list("names of groups, separated by commas", GROUP_NAME),
          "",
          "the node is not ready until all of these groups are registered");
  static final Setting<String> SELF =
      add(
          "self",
          SettingType.parsed("a base URL such as `http://10.0.0.1:8080/shop`", HTTPPool::baseUrlOf)
              .maskedBy(NodeSettingTable::withoutPasswords),
          null,
          "this node's base URL with its context path, as the other nodes list it; unless"
              + " set, the node asks the listed URLs which one is its own");
  static final Setting<List<String>> PEERS =
      add(
          "peers",
          SettingType.parsed(
                  "the base URLs of nodes, separated by commas",
                  text -> urls(text, HTTPPool::baseUrlOf))
              .maskedBy(NodeSettingTable::withoutPasswords),
          "",
          "the base URLs of all nodes, this one included; empty for a single node");
  static final Setting<Engine> MEMBERSHIP =
      add(
          "membership",
          SettingType.oneOf(Engine.class),
          "static",
          "how nodes discover each other: `static`: by `geecache.peers`; `dns`: by the"
              + " addresses of a name; `jgroups`: as members of a JGroups cluster");
  static final Setting<URI> DNS =
      add(
          "dns",
          SettingType.parsed(
                  "a URL such as `http://nodes.example:8080/shop`",
                  text -> URI.create(baseUrl(text)))
              .maskedBy(NodeSettingTable::withoutPasswords),
          null,
          "with `dns`: the URL of any node, but with a host name that has the addresses"
              + " of all nodes");
  static final Setting<Duration> DNS_INTERVAL =
      add(
          "dns-interval",
          SettingType.duration("100ms"),
          "5s",
          "with `dns`: the time between two look-ups");
  static final Setting<List<InetSocketAddress>> DNS_SERVERS =
      add(
          "dns-servers",
          SettingType.parsed(
              "`address:port` of name servers, separated by commas",
              text -> SettingType.items(text).stream().map(DnsOptions::server).toList()),
          "",
          "with `dns`: the name servers to ask; unless set, those of the system");
  static final Setting<String> JGROUPS =
      add(
          "jgroups",
          SettingType.text("`tcp`, `udp`, or the path of a JGroups configuration"),
          "tcp",
          "with `jgroups`: `tcp` finds the nodes at `geecache.jgroups-hosts`, `udp` by"
              + " multicast; a configuration of your own is sealed in the same way");
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
          "with `tcp`: the addresses where JGroups listens on all nodes, or on some that"
              + " always run");
  static final Setting<String> JGROUPS_BIND =
      add(
          "jgroups-bind",
          SettingType.parsed("`address:port` of this machine", JGroupsOptions::requireHostAndPort),
          null,
          "where JGroups listens on this node; unless set, port 7800 of the host in"
              + " `geecache.self`");
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
          "keeps clusters apart that can reach each other; unless set, `geecache` and the"
              + " context path in `geecache.self`");
  static final Setting<RequiredContact> READY_REQUIRES_CONTACT =
      add(
          "ready-requires-contact",
          SettingType.oneOf(RequiredContact.class),
          "one",
          "`one`: in its first minute with peers, the node is ready only once it is in contact with"
              + " one of them; if none of them answers at all, it is ready, since it may be the first"
              + " to start. `none`: contact does not matter");
  static final Setting<WarmEnough> READY_WHEN_WARM =
      add(
          "ready-when-warm",
          SettingType.parsed(WarmEnough.RULE, WarmEnough::of),
          null,
          "with `snapshot` of a group: the node is ready once so many of the keys are loaded again,"
              + " or after this time; unless set, at once");
  static final Setting<Boolean> HEALTH =
      add("health", SettingType.flag(), "true", "`false`: the health checks answer 404");
  static final Setting<Boolean> METRICS =
      add(
          "metrics",
          SettingType.flag(),
          "true",
          "`false`: `/metrics` answers 404, and nothing is measured for it");
  static final Setting<Boolean> JMX =
      add("jmx", SettingType.flag(), "true", "`false`: JMX shows neither the node nor its groups");
  static final Setting<Boolean> DASHBOARD =
      add(
          "dashboard",
          SettingType.flag(),
          "false",
          "`true`: the operator's page, and what it shows of the last 15 minutes of each group; the"
              + " WAR has it on. It takes about 30 KiB a group");
  static final Setting<Secrets> SECRET =
      add(
          "secret",
          SettingType.parsed(
                  "one secret of at least 16 characters, or two, separated by a comma",
                  text -> Secrets.of(SettingType.items(text)))
              .secret(),
          "",
          "the shared secret. Once it is set, every request but health checks must carry it, `GET`"
              + " too unless `geecache.public-reads` is `true`; two while you replace one by the"
              + " other. Without a secret, `PUT` and `DELETE` are refused, and where there are"
              + " peers also changes in code");
  static final Setting<Boolean> PUBLIC_READS =
      add("public-reads", SettingType.flag(), "false", "`GET` and `HEAD` need no secret");
  static final Setting<Boolean> PUBLIC_METRICS =
      add("public-metrics", SettingType.flag(), "false", "`/metrics` needs no secret");
  static final Setting<List<String>> HOSTS =
      add(
          "hosts",
          SettingType.list("host names, separated by commas", HOST_NAME),
          "",
          "the names by which clients may ask this node, beside addresses, `localhost` and the"
              + " names in `geecache.self` and `geecache.peers`: a request for another host is"
              + " refused, so that no web page reads an open node through a name of its own; unless"
              + " set, every name is allowed");
  static final Setting<Path> TLS_TRUST_STORE =
      add(
          "tls-trust-store",
          SettingType.parsed("the path of a PKCS12 or JKS file", Path::of),
          null,
          "certificates that sign those of peers with `https:` URLs; unless set, those"
              + " that the JVM trusts. The file is read again when it is replaced");
  static final Setting<String> TLS_TRUST_STORE_PASSWORD =
      add(
          "tls-trust-store-password",
          SettingType.text("text").secret(),
          null,
          "the password of the trust store; not needed if its certificates are not encrypted");
  static final Setting<Path> TLS_KEY_STORE =
      add(
          "tls-key-store",
          SettingType.parsed("the path of a PKCS12 or JKS file", Path::of),
          null,
          "this node's private key and certificate, for peers that ask for one; unless"
              + " set, there is none. The file is read again when it is replaced");
  static final Setting<String> TLS_KEY_STORE_PASSWORD =
      add(
          "tls-key-store-password",
          SettingType.text("text").secret(),
          null,
          "the password of the key store and of the key in it; required with the key store");
  static final Setting<Path> TLS_CA =
      add(
          "tls-ca",
          SettingType.parsed("the path of a file in PEM", Path::of),
          null,
          "as `geecache.tls-trust-store`, in PEM: the certificates that sign those of peers. The"
              + " file is read again when it is replaced");
  static final Setting<Path> TLS_CERTIFICATE =
      add(
          "tls-certificate",
          SettingType.parsed("the path of a file in PEM", Path::of),
          null,
          "instead of `geecache.tls-key-store`: this node's certificate, followed by those that"
              + " lead to its authority. The file is read again when it is replaced");
  static final Setting<Path> TLS_KEY =
      add(
          "tls-key",
          SettingType.parsed("the path of a file in PEM", Path::of),
          null,
          "the private key of `geecache.tls-certificate`, not encrypted; required with it, and read"
              + " again too");
  static final Setting<PeerOptions.Requests> PEER_REQUESTS =
      add(
          "peer-requests",
          SettingType.oneOf(PeerOptions.Requests.class),
          "batch",
          "`batch`: many keys in one request; `get`: one key in each request");
  static final Setting<Duration> PEER_TIMEOUT =
      add(
          "peer-timeout",
          SettingType.duration("500ms"),
          "1s",
          "a peer that is silent for so long counts as failed");
  static final Setting<Integer> PEER_CONNECTIONS =
      add(
          "peer-connections",
          SettingType.count(1),
          "64",
          "requests to one peer that wait at once for their answer to begin: all with `get`,"
              + " those on threads of `getAll` and two more with `batch`");
  static final Setting<Integer> PEER_PARKED =
      add(
          "peer-parked",
          SettingType.count(1),
          "64",
          "answers that stay open while keys load: so many of one peer, and so many to"
              + " all peers together. One half is divided among the groups, at least one answer"
              + " for each");
  static final Setting<Integer> PEER_WAITING =
      add(
          "peer-waiting",
          SettingType.count(1),
          "10000",
          "keys that wait to be asked of one peer; a get beyond them fails as overloaded");
  static final Setting<Integer> REMOVAL_LOG =
      add(
          "removal-log",
          SettingType.count(1),
          "10000",
          "removals that are remembered for nodes which are out of contact");
  static final Setting<Integer> MAX_CHANGES =
      add(
          "max-changes",
          SettingType.count(1),
          "1000",
          "removals, sets and clearings by this node's callers that are under way at a time; a"
              + " change beyond them fails as overloaded, and nothing is done");
  static final Setting<Integer> MAX_BODIES =
      add(
          "max-bodies",
          SettingType.count(1),
          "64",
          "bodies of requests that are read at once, each on a thread of the container, and as many"
              + " more of requests that say that a node sends them; a request beyond them is"
              + " refused as overloaded");
  static final Setting<Long> MAX_BODY_BYTES =
      add(
          "max-body-bytes",
          SettingType.size("1", "1048576GiB"),
          "64MiB",
          "how much of the heap the bodies of requests may take, and as much more those that say"
              + " that a node sends them; a request that would make it more is refused as"
              + " overloaded, unless its body is the only one");
  static final Setting<Duration> BODY_TIMEOUT =
      add(
          "body-timeout",
          SettingType.duration("1ms"),
          "30s",
          "the whole body of a request has to come within this time; at most `1h`");
  static final Setting<Long> MAX_ANSWER_BYTES =
      add(
          "max-answer-bytes",
          SettingType.size("1", "1048576GiB"),
          null,
          "how much of the heap the values may take whose answers are larger than the container's"
              + " buffer and are being sent; those that several answers share count once. A request"
              + " that would make it more is refused as overloaded, unless its answer is the only"
              + " one; unless set, a quarter of the heap");
  static final Setting<Integer> MAX_BLOCKING_ANSWERS =
      add(
          "max-blocking-answers",
          SettingType.count(1),
          "64",
          "answers larger than the container's buffer that are written at once, each on a thread of"
              + " the container, where a filter in front forbids asynchronous requests or takes the"
              + " answer into a stream of its own; a request beyond them is refused as overloaded."
              + " Elsewhere only answers to nodes of up to 128 KiB hold one");
  static final Setting<Duration> WARM_JOIN =
      add(
          "warm-join",
          SettingType.duration("0s"),
          "1m",
          "for so long after nodes have joined or left, a node asks the former owner of a"
              + " key before the source; at most `1h`, `0` for never");
  static final Setting<Duration> HANDOFF =
      add(
          "handoff",
          SettingType.duration("0s"),
          "5s",
          "for how long a node hands its values over when it leaves or is undeployed; at"
              + " most `30s`, `0` for never");
  static final Setting<Boolean> GROUPCACHE =
      add(
          "groupcache",
          SettingType.flag(),
          "false",
          "Go nodes may ask this node, and all nodes use the ring of Go nodes; the same"
              + " on all nodes, see [Go](go.md)");
  static final Setting<List<String>> GROUPCACHE_PEERS =
      add(
          "groupcache-peers",
          SettingType.parsed(
                  "the base URLs of nodes, separated by commas",
                  text -> urls(text, HTTPPool::baseUrlAsWritten))
              .maskedBy(NodeSettingTable::withoutPasswords),
          "",
          "the base URLs of the Go nodes, byte for byte as those nodes list them");
  static final Setting<ThreadKind> LOADER_THREADS =
      add(
          "loader-threads",
          SettingType.oneOf(ThreadKind.class),
          null,
          "the threads that run getters: `virtual` needs a JVM of 21 or later, and before JVM 24"
              + " a driver that blocks inside `synchronized` can then stop all loads; unless set,"
              + " `virtual` from JVM 24 on, and `platform` before");
  static final Setting<RequestLog> REQUEST_LOG =
      add(
          "request-log",
          SettingType.oneOf(RequestLog.class),
          "debug",
          "the level at which each request is logged");

  private NodeSettingTable() {}

  /** Whether servlet and listener are to do nothing; no other setting counts then. */
  static boolean isSwitchedOff(Settings settings) {
    return !settings.find(ENABLED).orElse(true);
  }

  /** Whether settings name other nodes, by a list or in another way. */
  static boolean hasPeers(Settings settings) {
    return settings.find(MEMBERSHIP).orElse(Engine.STATIC) != Engine.STATIC
        || settings.find(PEERS).orElse(List.of()).size() > 1;
  }

  private static <T> Setting<T> add(
      String name, SettingType<T> type, @Nullable String defaultText, String description) {
    Setting<T> setting = Setting.ofNode(name, type, defaultText, description);
    return add(OTHER_WORDS.containsKey(name) ? setting.alsoCalled(OTHER_WORDS.get(name)) : setting);
  }

  private static <T> Setting<T> add(Setting<T> setting) {
    ALL.add(setting);
    return setting;
  }

  /** Returns URLs with a mask in place of users and passwords. */
  private static String withoutPasswords(String urls) {
    return urls.replaceAll("//[^,]*@", "//" + SettingType.MASKED + "@");
  }

  private static String baseUrl(String text) {
    String url = HTTPPool.baseUrlOf(text);
    new DnsOptions(URI.create(url), Duration.ofDays(1), List.of()); // Refuses an address.
    return url;
  }

  /** Returns the URLs as they are written; {@code rule} throws for one that it refuses. */
  private static List<String> urls(String text, UnaryOperator<String> rule) {
    List<String> urls = SettingType.items(text);
    urls.forEach(rule::apply);
    return urls;
  }

  /** Returns a line for each setting that is right by itself, and wrong beside the others. */
  static List<String> contradictions(Settings settings) {
    List<String> faults = new ArrayList<>();
    if (settings.find(LOADER_THREADS).orElse(null) == ThreadKind.VIRTUAL
        && Runtime.version().feature() < FIRST_WITH_VIRTUAL_THREADS) {
      faults.add(
          "%s=virtual needs a JVM of %d or later; this one is %s"
              .formatted(LOADER_THREADS.name(), FIRST_WITH_VIRTUAL_THREADS, Runtime.version()));
    }
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

  /** Returns all in the order in which they are documented; unmodifiable. */
  static List<Setting<?>> all() {
    return Collections.unmodifiableList(ALL);
  }
}
