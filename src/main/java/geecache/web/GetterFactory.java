package geecache.web;

import static geecache.web.GroupSettingTable.AUTHORIZATION;
import static geecache.web.GroupSettingTable.CONNECTIONS;
import static geecache.web.GroupSettingTable.CONNECTION_WAIT;
import static geecache.web.GroupSettingTable.CONNECT_TIMEOUT;
import static geecache.web.GroupSettingTable.FRESHNESS;
import static geecache.web.GroupSettingTable.KEY_TYPE;
import static geecache.web.GroupSettingTable.MANY_QUERY;
import static geecache.web.GroupSettingTable.MAX_VALUE_BYTES;
import static geecache.web.GroupSettingTable.QUERY;
import static geecache.web.GroupSettingTable.REDIRECTS;
import static geecache.web.GroupSettingTable.RESULT;
import static geecache.web.GroupSettingTable.TIME_LIMIT;
import static geecache.web.GroupSettingTable.URL;
import static geecache.web.GroupSettingTable.VALIDATORS;

import geecache.Getter;
import geecache.settings.Setting;
import geecache.settings.SettingType;
import geecache.settings.Settings;
import geecache.source.HttpGetter;
import geecache.source.HttpGetterBuilder;
import geecache.source.JdbcGetter;
import geecache.source.JdbcGetterBuilder;
import geecache.web.GroupSettingTable.Source;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes the getters of the groups that settings describe. */
final class GetterFactory {
  private GetterFactory() {}

  /**
   * Makes the getter of a group. Returns nothing if its {@code source} is refused, which is a fault
   * of the settings already.
   *
   * @throws IllegalArgumentException if settings are missing or exclude each other
   * @throws IllegalStateException if a library or a data source is missing; the message names it
   */
  static Optional<Getter> of(String group, Settings settings) {
    Setting<Source> source = GroupSettingTable.SOURCE.of(group);
    if (settings.isRefused(source)) {
      return Optional.empty();
    }
    Source kind =
        settings
            .find(source)
            .orElseThrow(
                () -> new IllegalArgumentException("source must be " + source.type().rule()));
    refuseSettingsOfOtherSources(group, settings, kind);
    return Optional.of(
        switch (kind) {
          case SCORES -> new DemoScores();
          case JDBC -> jdbc(group, settings);
          case HTTP -> http(group, settings);
        });
  }

  /** Whether settings say, rightly or wrongly, where the values of a group come from. */
  static boolean hasSource(String group, Settings settings) {
    Setting<Source> source = GroupSettingTable.SOURCE.of(group);
    return settings.isRefused(source) || settings.find(source).isPresent();
  }

  /**
   * Allows a group without a source the settings that every group has.
   *
   * @throws IllegalArgumentException if it has others
   */
  static void refuseSettingsOfSources(String group, Settings settings) {
    refuseSettingsOfOtherSources(group, settings, null);
  }

  private static void refuseSettingsOfOtherSources(
      String group, Settings settings, @Nullable Source kind) {
    GroupSettingTable.sources()
        .forEach(
            (setting, sources) -> {
              if ((kind == null || !sources.contains(kind)) && settings.isSet(setting.of(group))) {
                throw new IllegalArgumentException(
                    setting.nameInGroup()
                        + " is for "
                        + sources.stream()
                            .map(source -> "source=" + SettingType.word(source))
                            .collect(Collectors.joining(" or ")));
              }
            });
  }

  private static Getter http(String group, Settings settings) {
    HttpGetterBuilder builder = HttpGetter.builder();
    set(settings, group, URL, builder::url);
    set(settings, group, AUTHORIZATION, builder::authorization);
    set(settings, group, TIME_LIMIT, builder::timeLimit);
    set(settings, group, CONNECT_TIMEOUT, builder::connectTimeout);
    set(settings, group, CONNECTIONS, builder::connections);
    set(settings, group, VALIDATORS, builder::validators);
    set(settings, group, FRESHNESS, builder::freshness);
    set(settings, group, REDIRECTS, builder::redirects);
    set(settings, group, MAX_VALUE_BYTES, bytes -> builder.maxValueBytes(bytes.intValue()));
    return builder.build();
  }

  private static Getter jdbc(String group, Settings settings) {
    JdbcGetterBuilder builder = JdbcGetter.builder(GroupDatabase.of(group, settings)).group(group);
    set(settings, group, QUERY, builder::query);
    set(settings, group, MANY_QUERY, builder::manyQuery);
    set(settings, group, KEY_TYPE, builder::keyType);
    set(settings, group, RESULT, builder::result);
    set(settings, group, TIME_LIMIT, builder::timeLimit);
    set(settings, group, CONNECTIONS, builder::connections);
    set(settings, group, CONNECTION_WAIT, builder::connectionWait);
    set(settings, group, MAX_VALUE_BYTES, bytes -> builder.maxValueBytes(bytes.intValue()));
    return builder.build();
  }

  private static <T> void set(
      Settings settings, String group, Setting<T> setting, Consumer<T> target) {
    settings.find(setting.of(group)).ifPresent(target);
  }
}
