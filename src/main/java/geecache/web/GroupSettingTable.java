package geecache.web;

import geecache.BulkGetter;
import geecache.GroupBuilder;
import geecache.internal.MediaType;
import geecache.internal.ValueVersion;
import geecache.settings.Setting;
import geecache.settings.SettingType;
import geecache.settings.Settings;
import geecache.snapshot.SnapshotOptions;
import geecache.source.ChangeTableBuilder;
import geecache.source.HttpGetterBuilder;
import geecache.source.JdbcGetterBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** All settings of a group; {@link NodeSettingTable} has those of the node. */
final class GroupSettingTable {
  /** Filled while this class is made, and not changed later. */
  private static final List<Setting<?>> ALL = new ArrayList<>();

  /** The words of Java for settings that are called otherwise. */
  private static final Map<String, String> OTHER_WORDS =
      Map.of(
          "ttl", "time-to-live",
          "absent-ttl", "absent-time-to-live",
          "hot-ttl", "hot-time-to-live",
          "listen", "channel");

  /** The settings that decide most about a group. */
  private static final Set<String> SHOWN_ALWAYS = Set.of("max-bytes", "ttl");

  /** The kinds of source that values come from. */
  enum Source {
    JDBC,
    HTTP,
    SCORES
  }

  private static final Set<Source> JDBC = EnumSet.of(Source.JDBC);
  private static final Set<Source> HTTP = EnumSet.of(Source.HTTP);

  /** Where a group is told by the database what has changed, beside by `listen`. */
  enum ChangesFrom {
    TABLE
  }

  private static final Set<Source> ANY = EnumSet.allOf(Source.class);
  private static final Set<Source> JDBC_OR_HTTP = EnumSet.of(Source.JDBC, Source.HTTP);

  /** For each setting that only some sources have, these sources; filled as {@link #ALL} is. */
  private static final Map<Setting<?>, Set<Source>> SOURCES = new LinkedHashMap<>();

  static final Setting<Source> SOURCE =
      add(
          "source",
          SettingType.oneOf(Source.class),
          null,
          "where values come from; required. `scores` is the example");
  static final Setting<Long> MAX_BYTES =
      add(
          "max-bytes",
          SettingType.size("0", "1048576GiB"),
          "64MiB",
          "how much of the heap the group may hold: keys, values, and what the store"
              + " needs for each; `0` for no bound");
  static final Setting<Long> MAX_VALUE_BYTES =
      add(
          "max-value-bytes",
          SettingType.size("1", "1GiB"),
          "16MiB",
          "the largest value; the load of a larger one fails");
  static final Setting<Duration> TTL =
      add(
          "ttl",
          SettingType.duration("0"),
          "0",
          "time to live, from the start of the load; a source may give a value a time of"
              + " its own. `0`: until the value is evicted or removed");
  static final Setting<Double> JITTER =
      add(
          "jitter",
          SettingType.fraction(),
          "0",
          "the time to live is shortened at random by up to this part of it");
  static final Setting<Duration> ABSENT_TTL =
      add(
          "absent-ttl",
          SettingType.duration("0"),
          "0",
          "for how long the node remembers that there is no such key");
  static final Setting<Duration> REFRESH_AHEAD =
      add(
          "refresh-ahead",
          SettingType.duration("0"),
          "0",
          "a value that is read within this time before its end is loaded anew, and"
              + " served meanwhile; shorter than `ttl`");
  static final Setting<Duration> STALE_IF_ERROR =
      add(
          "stale-if-error",
          SettingType.duration("0"),
          "0",
          "for how long past its end a value is served while the source fails");
  static final Setting<Duration> HOLD_OFF =
      add(
          "hold-off",
          SettingType.duration("0"),
          "1s",
          "after a failure, for how long the source is not asked for a key that still has"
              + " a value to serve");
  static final Setting<Duration> HOT_TTL =
      add(
          "hot-ttl",
          SettingType.duration("1ms"),
          "30s",
          "for how long a node serves its copy of a value that another node owns");
  static final Setting<Boolean> HOT_COPIES =
      add(
          "hot-copies",
          SettingType.flag(),
          "true",
          "the node copies values of other nodes that are asked for often");
  static final Setting<Duration> LOAD_TIMEOUT =
      add(
          "load-timeout",
          SettingType.duration("1ms"),
          "10s",
          "a load is interrupted after this time");
  static final Setting<Duration> WAIT_TIMEOUT =
      add(
          "wait-timeout",
          SettingType.duration("1ms"),
          "15s",
          "for how long a caller waits for a load");
  static final Setting<Duration> LEASE_TIMEOUT =
      add(
          "lease-timeout",
          SettingType.duration("1ms"),
          null,
          "a caller that loads a key itself loses the lease after this time: the next one loads it."
              + " Unless set, the `load-timeout`");
  static final Setting<Integer> MAX_LOADS =
      add(
          "max-loads",
          SettingType.count(1),
          null,
          "loads that run at once; no more than the `connections` of the source. Unless set, 64,"
              + " and with `many-query` or `{keys}` 4, each of which loads many keys");
  static final Setting<Integer> MAX_BATCH =
      add(
          JDBC_OR_HTTP,
          "max-batch",
          SettingType.count(1, 10_000),
          null,
          "with `many-query` or `{keys}`: the most keys that are loaded together; no more than 256"
              + " and 100, which they are unless set");
  static final Setting<Integer> MAX_WAITING_LOADS =
      add(
          "max-waiting-loads",
          SettingType.count(0),
          null,
          "loads that wait at once; unless set, 1024, and with `many-query` or `{keys}` 10240. A get beyond them fails as overloaded, and so does a load that"
              + " has no place a second before `wait-timeout` (or half of it before, if that is less)");
  static final Setting<Integer> MAX_WAITERS =
      add(
          "max-waiters",
          SettingType.count(1),
          "16384",
          "gets that wait at once, for loads and for other nodes; a get beyond them fails as"
              + " overloaded");
  static final Setting<Long> MAX_HELD_BYTES =
      add(
          "max-held-bytes",
          SettingType.size("0", "1GiB"),
          "16MiB",
          "how much of the heap the results may take that are not kept, such as \"no such key\","
              + " until the node asks again that was told to, for at most a second");
  static final Setting<GroupBuilder.Store> STORE =
      add(
          "store",
          SettingType.oneOf(GroupBuilder.Store.class),
          "caffeine",
          "which entries a full group evicts: `caffeine` by W-TinyLFU, `lru` the least"
              + " recently used, `value` those that save the source least for the heap that"
              + " they take");
  static final Setting<String> CONTENT_TYPE =
      add(
          "content-type",
          SettingType.text(MediaType.RULE, MediaType.PATTERN),
          null,
          "the `Content-Type` with which HTTP answers the values; unless set, `application/json`"
              + " for rows of `jdbc`, and `application/octet-stream` for all else");
  static final Setting<String> VERSION =
      add(
          "version",
          SettingType.text(ValueVersion.RULE, ValueVersion.PATTERN),
          null,
          "the version of the values: nodes share them only with nodes that have the same, see"
              + " [groups](groups.md#versions). Raise it in a release that makes other values");
  static final Setting<Path> SNAPSHOT =
      add(
          ANY,
          "snapshot",
          SettingType.parsed("the path of a directory", Path::of),
          null,
          "where the keys of the group outlive this node, so that it loads their values again at"
              + " its start, see [groups](groups.md#a-cold-start); for each node a directory of its"
              + " own; unless set, they are not kept");
  static final Setting<Duration> SNAPSHOT_EVERY =
      add(
          ANY,
          "snapshot-every",
          SettingType.duration("1s"),
          "10m",
          "with `snapshot`: how often the keys are written, beside when the node leaves or ends");
  static final Setting<Integer> SNAPSHOT_KEYS =
      add(
          ANY,
          "snapshot-keys",
          SettingType.count(1, SnapshotOptions.MOST_KEYS),
          "100000",
          "with `snapshot`: the most keys that are kept, those first that the store would keep"
              + " longest");
  static final Setting<Integer> SNAPSHOT_RATE =
      add(
          ANY,
          "snapshot-rate",
          SettingType.count(1),
          "200",
          "with `snapshot`: the most keys that this node asks for in a second at its start, with at"
              + " most half of `max-loads` under way");

  static final Setting<String> QUERY =
      add(
          JDBC,
          "query",
          SettingType.text("SQL with one `?`"),
          null,
          "loads the value of the key that is bound to `?`");
  static final Setting<String> MANY_QUERY =
      add(
          JDBC,
          "many-query",
          SettingType.text("SQL with one `?`"),
          null,
          "loads many keys, as in `where id in (?)`; its first column is the key");
  static final Setting<JdbcGetterBuilder.KeyType> KEY_TYPE =
      add(
          JDBC,
          "key-type",
          SettingType.oneOf(JdbcGetterBuilder.KeyType.class),
          "text",
          "the type of keys in the database");
  static final Setting<JdbcGetterBuilder.Result> RESULT =
      add(
          JDBC,
          "result",
          SettingType.oneOf(JdbcGetterBuilder.Result.class),
          "column",
          "the value is the only column, or the row as JSON");
  static final Setting<String> JNDI =
      add(
          JDBC,
          "jndi",
          SettingType.text("a name"),
          null,
          "the name of a `DataSource` of the container, as it is or under `java:comp/env/`");
  static final Setting<String> URL =
      add(
          JDBC_OR_HTTP,
          "url",
          SettingType.text("a URL").maskedBy(GroupSettingTable::masked),
          null,
          "`jdbc`: the database, unless `jndi` names it; `http`: a URL with `{key}` in"
              + " its path or its query, or `{keys}` for many");
  static final Setting<String> USER =
      add(JDBC, "user", SettingType.text("text"), null, "with `url`: the user that connects");
  static final Setting<String> PASSWORD =
      add(
          JDBC,
          "password",
          SettingType.text("text").secret(),
          null,
          "with `url`: the password of `user`");
  static final Setting<String> DRIVER =
      add(
          JDBC,
          "driver",
          SettingType.text("the name of a class"),
          null,
          "with `url`: the class of a `Driver` or `DataSource`; unless set, the URL tells it");
  static final Setting<Duration> TIME_LIMIT =
      add(
          JDBC_OR_HTTP,
          "time-limit",
          SettingType.duration("1ms"),
          "5s",
          "for a query (in whole seconds), or for a whole answer");
  static final Setting<Integer> CONNECTIONS =
      add(
          JDBC_OR_HTTP,
          "connections",
          SettingType.count(1, 1000),
          null,
          "the largest number of connections; unless set, 8 for `jdbc` with `url`, and 64"
              + " for `http`");
  static final Setting<Duration> CONNECTION_WAIT =
      add(
          JDBC,
          "connection-wait",
          SettingType.duration("250ms"),
          "2s",
          "with `url`: for how long a load waits for a connection");
  static final Setting<String> LISTEN =
      add(
          JDBC,
          "listen",
          SettingType.text(
              "1 to 63 letters, digits and `_`, no digit first",
              Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,62}")),
          null,
          "the channel on which PostgreSQL announces what has changed, see"
              + " [sources](sources.md#changes-in-the-database-postgresinvalidation); unless"
              + " set, the node does not listen");
  static final Setting<Boolean> LISTEN_REQUIRED =
      add(
          JDBC,
          "listen-required",
          SettingType.flag(),
          null,
          "with `listen`: the node is not ready while it does not listen; a connection that is"
              + " lost for less than a minute is borne. Unless set, `true` where `ttl` is `0`");
  static final Setting<Duration> TTL_WHILE_DEAF =
      add(
          JDBC,
          "ttl-while-deaf",
          SettingType.duration("100ms"),
          null,
          "with `listen`: how old values get while the node does not listen, since it then drops"
              + " all values of the group as often as this says; unless set, they are kept");
  static final Setting<ChangesFrom> CHANGES =
      add(
          JDBC,
          "changes",
          SettingType.oneOf(ChangesFrom.class),
          null,
          "`table`: triggers or the application write into a table which keys have changed, and the"
              + " nodes remove these, see [sources](sources.md#a-table-of-changes-changetable);"
              + " unless set, no table is read");
  static final Setting<String> CHANGES_TABLE =
      add(
          JDBC,
          "changes-table",
          SettingType.text(
              "letters, digits and `_`, with or without a schema",
              Pattern.compile(ChangeTableBuilder.NAME)),
          "geecache_changes",
          "with `changes`: the name of the table; clusters that share a database need one each");
  static final Setting<Duration> CHANGES_EVERY =
      add(
          JDBC,
          "changes-every",
          SettingType.duration("50ms"),
          "500ms",
          "with `changes`: the pause between two looks at the table; nodes that are not to read it"
              + " look a tenth as often");

  static final Setting<String> AUTHORIZATION =
      add(
          HTTP,
          "authorization",
          SettingType.text("text").secret(),
          null,
          "the `Authorization` header of each request");
  static final Setting<Duration> CONNECT_TIMEOUT =
      add(HTTP, "connect-timeout", SettingType.duration("1ms"), "1s", "for a new connection");
  static final Setting<Integer> VALIDATORS =
      add(
          HTTP,
          "validators",
          SettingType.count(0),
          "10000",
          "for so many values the node remembers `ETag` and `Last-Modified`");
  static final Setting<Boolean> FRESHNESS =
      add(
          HTTP,
          "freshness",
          SettingType.flag(),
          "true",
          "the origin decides how long a value lives");
  static final Setting<Boolean> REDIRECTS =
      add(
          HTTP,
          "redirects",
          SettingType.flag(),
          "false",
          "redirects are followed within the origin");

  /** As {@link JdbcGetterBuilder#connections} has it. */
  private static final int JDBC_CONNECTIONS = 8;

  /** As {@link HttpGetterBuilder#connections} has it. */
  private static final int HTTP_CONNECTIONS = 64;

  /** As {@link GroupBuilder#maxLoads} has it. */
  private static final int LOADS = 64;

  private GroupSettingTable() {}

  /** Returns the largest number of connections of a group that has some, and does not set it. */
  static Optional<Integer> connectionsByDefault(String group, Settings settings) {
    Source source = settings.find(SOURCE.of(group)).orElse(Source.SCORES);
    if (settings.isSet(CONNECTIONS.of(group)) || !settings.isSet(URL.of(group))) {
      return Optional.empty();
    }
    return source == Source.SCORES
        ? Optional.empty()
        : Optional.of(source == Source.JDBC ? JDBC_CONNECTIONS : HTTP_CONNECTIONS);
  }

  /** Returns how many loads run at once in a group that does not set it. */
  static Optional<Integer> loadsByDefault(String group, Settings settings) {
    boolean forMany =
        settings.isSet(MANY_QUERY.of(group))
            || settings.find(URL.of(group)).orElse("").contains("{keys}");
    return settings.isSet(MAX_LOADS.of(group))
        ? Optional.empty()
        : Optional.of(forMany ? BulkGetter.DEFAULT_CALLS : LOADS);
  }

  /** Returns the scheme of a URL, or its host, and a mask: a secret may be anywhere behind it. */
  private static String masked(String url) {
    return url.replaceFirst(
        "(?s)^(jdbc:\\w*:?|https?://(?=[^/?#]*@)|https?://[^/?#]*[/?#]?|).*$",
        "$1" + SettingType.MASKED);
  }

  private static <T> Setting<T> add(
      String name, SettingType<T> type, @Nullable String defaultText, String description) {
    Setting<T> setting = Setting.ofEachGroup(name, type, defaultText, description);
    if (OTHER_WORDS.containsKey(name)) {
      setting = setting.alsoCalled(OTHER_WORDS.get(name));
    }
    if (SHOWN_ALWAYS.contains(name)) {
      setting = setting.alwaysShown();
    }
    ALL.add(setting);
    return setting;
  }

  private static <T> Setting<T> add(
      Set<Source> sources,
      String name,
      SettingType<T> type,
      @Nullable String defaultText,
      String description) {
    String prefix =
        sources.size() > 1 ? "" : "`" + SettingType.word(sources.iterator().next()) + "`: ";
    Setting<T> setting = add(name, type, defaultText, prefix + description);
    SOURCES.put(setting, sources);
    return setting;
  }

  /**
   * Refuses settings of a group that mean nothing without another one, which it has not.
   *
   * @throws IllegalArgumentException if one of {@code others} is set; the message names both
   */
  static void refuseWithout(
      Setting<?> needed, String group, Settings settings, Setting<?>... others) {
    for (Setting<?> other : others) {
      if (settings.isSet(other.of(group))) {
        throw new IllegalArgumentException(other.nameInGroup() + " needs " + needed.nameInGroup());
      }
    }
  }

  /** Returns the settings that only some sources have, with these sources; unmodifiable. */
  static Map<Setting<?>, Set<Source>> sources() {
    return Collections.unmodifiableMap(SOURCES);
  }

  /** Returns all in the order in which they are documented; unmodifiable. */
  static List<Setting<?>> all() {
    return Collections.unmodifiableList(ALL);
  }
}
