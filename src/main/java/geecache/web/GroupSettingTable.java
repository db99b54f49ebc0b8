package geecache.web;

import geecache.GroupBuilder;
import geecache.settings.Setting;
import geecache.settings.SettingType;
import geecache.source.JdbcGetterBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Every setting that a group has, as {@link NodeSettingTable} has those of the node. */
final class GroupSettingTable {
  /** Filled while this class is made, and not changed later. */
  private static final List<Setting<?>> ALL = new ArrayList<>();

  /** Where values come from. */
  enum Source {
    JDBC,
    HTTP,
    SCORES
  }

  private static final Set<Source> JDBC = EnumSet.of(Source.JDBC);
  private static final Set<Source> HTTP = EnumSet.of(Source.HTTP);
  private static final Set<Source> JDBC_OR_HTTP = EnumSet.of(Source.JDBC, Source.HTTP);

  /** The sources that have a setting which not all have; filled as {@link #ALL} is. */
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
          "what the group may hold of the heap: keys, values and what the store takes for each; `0`"
              + " for no bound");
  static final Setting<Long> MAX_VALUE_BYTES =
      add(
          "max-value-bytes",
          SettingType.size("1", "1GiB"),
          "16MiB",
          "a larger value fails to load");
  static final Setting<Duration> TTL =
      add(
          "ttl",
          SettingType.duration("0"),
          "0",
          "time to live, from when the load began; a source may give a value one of its own. `0`"
              + " for until it is evicted or removed");
  static final Setting<Double> JITTER =
      add(
          "jitter",
          SettingType.fraction(),
          "0",
          "part of the time to live by which it is shortened at random");
  static final Setting<Duration> ABSENT_TTL =
      add(
          "absent-ttl",
          SettingType.duration("0"),
          "0",
          "for how long \"no such key\" is remembered");
  static final Setting<Duration> REFRESH_AHEAD =
      add(
          "refresh-ahead",
          SettingType.duration("0"),
          "0",
          "time before its end in which a value that is asked for is renewed, and served meanwhile;"
              + " shorter than `ttl`");
  static final Setting<Duration> STALE_IF_ERROR =
      add(
          "stale-if-error",
          SettingType.duration("0"),
          "0",
          "time past its end in which a value stands in for a source that fails");
  static final Setting<Duration> HOLD_OFF =
      add(
          "hold-off",
          SettingType.duration("0"),
          "1s",
          "for how long a source that failed is left alone, where there is a value to serve");
  static final Setting<Duration> HOT_TTL =
      add(
          "hot-ttl",
          SettingType.duration("1ms"),
          "30s",
          "for how long a node serves what another owns");
  static final Setting<Boolean> HOT_COPIES =
      add(
          "hot-copies",
          SettingType.flag(),
          "true",
          "what others own is copied when it is asked for often");
  static final Setting<Duration> LOAD_TIMEOUT =
      add("load-timeout", SettingType.duration("1ms"), "10s", "after which a load is interrupted");
  static final Setting<Duration> WAIT_TIMEOUT =
      add(
          "wait-timeout",
          SettingType.duration("1ms"),
          "15s",
          "for how long a caller waits for a load");
  static final Setting<Integer> MAX_LOADS =
      add("max-loads", SettingType.count(1), "64", "loads that run at once");
  static final Setting<Integer> MAX_WAITING_LOADS =
      add(
          "max-waiting-loads",
          SettingType.count(0),
          "1024",
          "loads that wait at once; past them a get fails as overloaded");
  static final Setting<GroupBuilder.Store> STORE =
      add(
          "store",
          SettingType.oneOf(GroupBuilder.Store.class),
          "caffeine",
          "which entries a full group gives up: `caffeine` (W-TinyLFU) or `lru` (exact)");

  static final Setting<String> QUERY =
      add(
          JDBC,
          "query",
          SettingType.text("SQL with one `?`"),
          null,
          "loads the key that is bound to it");
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
          "what keys are in the database");
  static final Setting<JdbcGetterBuilder.Result> RESULT =
      add(
          JDBC,
          "result",
          SettingType.oneOf(JdbcGetterBuilder.Result.class),
          "column",
          "the value is the one column, or the row as JSON");
  static final Setting<String> JNDI =
      add(
          JDBC,
          "jndi",
          SettingType.text("a name"),
          null,
          "the container's `DataSource`, by its name as it is or under `java:comp/env/`");
  static final Setting<String> URL =
      add(
          JDBC_OR_HTTP,
          "url",
          SettingType.text("a URL").maskedBy(GroupSettingTable::safe),
          null,
          "`jdbc`: where the database is, if not by `jndi`; `http`: a URL with `{key}` in its path or its query");
  static final Setting<String> USER =
      add(JDBC, "user", SettingType.text("text"), null, "with `url`: who connects");
  static final Setting<String> PASSWORD =
      add(
          JDBC,
          "password",
          SettingType.text("text").secret(),
          null,
          "with `url`: shown by who connects");
  static final Setting<String> DRIVER =
      add(
          JDBC,
          "driver",
          SettingType.text("the name of a class"),
          null,
          "with `url`: a `Driver` or `DataSource`; what the URL says unless set");
  static final Setting<Duration> TIME_LIMIT =
      add(
          JDBC_OR_HTTP,
          "time-limit",
          SettingType.duration("1ms"),
          "5s",
          "for a query (in whole seconds) or a whole answer");
  static final Setting<Integer> CONNECTIONS =
      add(
          JDBC_OR_HTTP,
          "connections",
          SettingType.count(1, 1000),
          null,
          "at most; 8 for `jdbc` with `url`, 64 for `http` unless set");
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
          "the channel on which a PostgreSQL says what it changed, see"
              + " [sources](sources.md#changes-in-the-database-postgresinvalidation); off unless"
              + " set");

  static final Setting<String> AUTHORIZATION =
      add(
          HTTP,
          "authorization",
          SettingType.text("text").secret(),
          null,
          "the header of that name");
  static final Setting<Duration> CONNECT_TIMEOUT =
      add(HTTP, "connect-timeout", SettingType.duration("1ms"), "1s", "for a new connection");
  static final Setting<Integer> VALIDATORS =
      add(
          HTTP,
          "validators",
          SettingType.count(0),
          "10000",
          "values of which `ETag` and `Last-Modified` are remembered");
  static final Setting<Boolean> FRESHNESS =
      add(HTTP, "freshness", SettingType.flag(), "true", "the origin says how long a value lives");
  static final Setting<Boolean> REDIRECTS =
      add(HTTP, "redirects", SettingType.flag(), "false", "are followed, within the origin");

  private GroupSettingTable() {}

  /** What of a URL may be shown, which may hold a secret anywhere: the kind, or the host. */
  private static String safe(String url) {
    return url.replaceFirst(
        "(?s)^(jdbc:\\w*:?|https?://(?=[^/?#]*@)|https?://[^/?#]*[/?#]?|).*$",
        "$1" + SettingType.MASKED);
  }

  private static <T> Setting<T> add(
      String name, SettingType<T> type, @Nullable String defaultText, String description) {
    Setting<T> setting = Setting.ofEachGroup(name, type, defaultText, description);
    ALL.add(setting);
    return setting;
  }

  private static <T> Setting<T> add(
      Set<Source> sources,
      String name,
      SettingType<T> type,
      @Nullable String defaultText,
      String description) {
    String whose =
        sources.size() > 1 ? "" : "`" + SettingType.word(sources.iterator().next()) + "`: ";
    Setting<T> setting = add(name, type, defaultText, whose + description);
    SOURCES.put(setting, sources);
    return setting;
  }

  /** Returns the settings that not all sources have, and the sources that have them. */
  static Map<Setting<?>, Set<Source>> sources() {
    return Collections.unmodifiableMap(SOURCES);
  }

  /** Returns all in the order in which they are documented; unmodifiable. */
  static List<Setting<?>> all() {
    return Collections.unmodifiableList(ALL);
  }
}
