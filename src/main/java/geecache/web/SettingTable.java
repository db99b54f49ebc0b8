package geecache.web;

import geecache.http.HTTPPool;
import geecache.http.PeerOptions;
import geecache.http.Secrets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * Every setting there is. What is read, checked and logged, what unknown names are compared with,
 * and {@code docs/settings.md} all come from here; to add a setting, add a line.
 */
final class SettingTable {
  /** Filled while this class is made, and not changed later. */
  private static final List<Setting<?>> ALL = new ArrayList<>();

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
      add("enabled", Kind.flag(), "true", "`false`: servlet and listener do nothing");
  static final Setting<String> CONFIG =
      add(
          "config",
          Kind.text("the path of a properties file that can be read"),
          null,
          "more settings, in UTF-8");
  static final Setting<Boolean> DEMO =
      add("demo", Kind.flag(), "false", "registers the `scores` example");
  static final Setting<List<String>> REQUIRED_GROUPS =
      add(
          "required-groups",
          Kind.list("names of groups, separated by commas", "[A-Za-z0-9._~-]{1,128}"),
          "",
          "the groups without which the node is not ready");
  static final Setting<String> SELF =
      add(
          "self",
          Kind.read("a base URL such as `http://10.0.0.1:8080/shop`", HTTPPool::baseUrlOf)
              .maskedBy(SettingTable::withoutUser),
          null,
          "this node's base URL, context path included, as its peers name it; none unless set: it"
              + " then finds itself in the list by asking");
  static final Setting<List<String>> PEERS =
      add(
          "peers",
          Kind.read(
                  "the base URLs of nodes, separated by commas",
                  text -> Kind.items(text).stream().map(HTTPPool::baseUrlOf).toList())
              .maskedBy(SettingTable::withoutUser),
          "",
          "the base URLs of all nodes, this one included; none for a node alone");
  static final Setting<Secrets> SECRET =
      add(
          "secret",
          Kind.read(
                  "one secret of at least 16 characters, or two, separated by a comma",
                  text -> Secrets.of(Kind.items(text)))
              .secret(),
          "",
          "what nodes and whoever changes things have to show; two while one is being replaced."
              + " Without one, `PUT` and `DELETE` are refused, and so are changes in code where"
              + " there are peers");
  static final Setting<Boolean> PUBLIC_READS =
      add("public-reads", Kind.flag(), "false", "`GET` and `HEAD` need no secret");
  static final Setting<PeerOptions.Requests> PEER_REQUESTS =
      add(
          "peer-requests",
          Kind.oneOf(PeerOptions.Requests.class),
          "batch",
          "`batch`: many keys in one request; `get`: one key a request");
  static final Setting<Duration> PEER_TIMEOUT =
      add(
          "peer-timeout",
          Kind.duration("500ms"),
          "1s",
          "the silence after which a peer counts as failed");
  static final Setting<Integer> PEER_CONNECTIONS =
      add(
          "peer-connections",
          Kind.count(1),
          "64",
          "requests to one peer that are waiting for their answer to begin, with `get`");
  static final Setting<Integer> PEER_PARKED =
      add(
          "peer-parked",
          Kind.count(1),
          "64",
          "answers that stay open for keys which are loading: of one peer, and to all");
  static final Setting<Integer> PEER_WAITING =
      add(
          "peer-waiting",
          Kind.count(1),
          "10000",
          "keys that wait to be asked of one peer; past it a get is overloaded");
  static final Setting<Integer> REMOVAL_LOG =
      add(
          "removal-log",
          Kind.count(1),
          "10000",
          "removals that are remembered for nodes which were out of contact");
  static final Setting<RequestLog> REQUEST_LOG =
      add(
          "request-log",
          Kind.oneOf(RequestLog.class),
          "debug",
          "the level at which each request is logged");

  private SettingTable() {}

  private static <T> Setting<T> add(
      String name, Kind<T> kind, @Nullable String otherwise, String about) {
    Setting<T> setting = new Setting<>(Setting.PREFIX + name, kind, otherwise, about);
    ALL.add(setting);
    return setting;
  }

  private static String withoutUser(String urls) {
    return urls.replaceAll("//[^/@,]*@", "//" + Kind.MASKED + "@");
  }

  /** Returns all in the order in which they are documented; unmodifiable. */
  static List<Setting<?>> all() {
    return Collections.unmodifiableList(ALL);
  }
}
