package geecache.web;

import geecache.Geecache;
import geecache.Getter;
import geecache.GroupBuilder;
import geecache.Ticker;
import geecache.internal.ControlCharacters;
import geecache.settings.Setting;
import geecache.settings.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups that settings name. Their getters are made before any group is registered, so that a
 * missing driver or setting is told together with all other faults.
 */
final class ConfiguredGroups implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ConfiguredGroups.class);

  private final Settings settings;

  /** Whether groups may have no source. */
  private final boolean caches;

  private final Map<String, Getter> getters = new LinkedHashMap<>();
  private final DatabaseChanges changes = new DatabaseChanges();
  private final ChangeTables tables = new ChangeTables();
  private final KeptKeys keys = new KeptKeys(Ticker.system());
  private final List<String> faults = new ArrayList<>();

  /** Makes the getters of the groups that {@code settings} name; see {@link #faults}. */
  ConfiguredGroups(Settings settings) {
    this(settings, false);
  }

  /**
   * As {@link #ConfiguredGroups(Settings)}.
   *
   * @param caches whether groups may have no source; these are not registered here
   */
  ConfiguredGroups(Settings settings, boolean caches) {
    this.settings = settings;
    this.caches = caches;
    settings.groups().forEach(this::prepare);
  }

  private void prepare(String group) {
    try {
      requireName(group);
      requireRefreshBeforeEnd(group);
      if (caches && !GetterFactory.hasSource(group, settings)) {
        GetterFactory.refuseSettingsOfSources(group, settings);
        return;
      }
      GetterFactory.of(group, settings).ifPresent(getter -> getters.put(group, getter));
      changes.add(group, settings);
      tables.add(group, settings);
      keys.add(group, settings);
    } catch (IllegalArgumentException | IllegalStateException refused) {
      faults.add(ControlCharacters.escape(Setting.ofGroup(group) + ": " + refused.getMessage()));
    }
  }

  private static void requireName(String group) {
    if (!NodeSettingTable.GROUP_NAME.matcher(group).matches()) {
      throw new IllegalArgumentException("the name must be " + NodeSettingTable.GROUP_NAME_RULE);
    }
  }

  private void requireRefreshBeforeEnd(String group) {
    Duration life = settings.find(GroupSettingTable.TTL.of(group)).orElse(Duration.ZERO);
    Duration ahead = settings.find(GroupSettingTable.REFRESH_AHEAD.of(group)).orElse(Duration.ZERO);
    if (!life.isZero() && ahead.compareTo(life) >= 0) {
      throw new IllegalArgumentException("refresh-ahead must be shorter than ttl");
    }
  }

  /** Returns a line for each group that cannot be made. */
  List<String> faults() {
    return List.copyOf(faults);
  }

  /**
   * Registers the groups; their getters then end with the node.
   *
   * @throws IllegalStateException if the application has registered one of them itself
   */
  void register(Geecache node) {
    for (String group : List.copyOf(getters.keySet())) {
      described(node, group, settings).register(getters.get(group));
      getters.remove(group);
    }
  }

  /** Returns the listening for changes that the groups ask for; the caller starts and closes it. */
  DatabaseChanges changes() {
    return changes;
  }

  /** Returns the reading of tables that the groups ask for; the caller starts and closes it. */
  ChangeTables tables() {
    return tables;
  }

  /** Returns the keeping of keys that the groups ask for; the caller starts and closes it. */
  KeptKeys keys() {
    return keys;
  }

  /** Begins the description of a group that settings name. */
  static GroupBuilder described(Geecache node, String group, Settings settings) {
    GroupBuilder builder = node.group(group);
    set(settings, group, GroupSettingTable.MAX_BYTES, builder::maxBytes);
    set(
        settings,
        group,
        GroupSettingTable.MAX_VALUE_BYTES,
        bytes -> builder.maxValueBytes(bytes.intValue()));
    set(settings, group, GroupSettingTable.TTL, builder::timeToLive);
    set(settings, group, GroupSettingTable.JITTER, builder::jitter);
    set(settings, group, GroupSettingTable.ABSENT_TTL, builder::absentTimeToLive);
    set(settings, group, GroupSettingTable.REFRESH_AHEAD, builder::refreshAhead);
    set(settings, group, GroupSettingTable.STALE_IF_ERROR, builder::staleIfError);
    set(settings, group, GroupSettingTable.HOLD_OFF, builder::holdOff);
    set(settings, group, GroupSettingTable.HOT_TTL, builder::hotTimeToLive);
    set(settings, group, GroupSettingTable.HOT_COPIES, builder::hotCopies);
    set(settings, group, GroupSettingTable.LOAD_TIMEOUT, builder::loadTimeout);
    setIfFound(settings, group, GroupSettingTable.LEASE_TIMEOUT, builder::leaseTimeout);
    set(settings, group, GroupSettingTable.WAIT_TIMEOUT, builder::waitTimeout);
    setIfFound(settings, group, GroupSettingTable.MAX_LOADS, builder::maxLoads);
    setIfFound(settings, group, GroupSettingTable.MAX_BATCH, builder::maxBatch);
    setIfFound(settings, group, GroupSettingTable.MAX_WAITING_LOADS, builder::maxWaitingLoads);
    set(settings, group, GroupSettingTable.MAX_WAITERS, builder::maxWaiters);
    set(settings, group, GroupSettingTable.MAX_HELD_BYTES, builder::maxHeldBytes);
    set(settings, group, GroupSettingTable.STORE, builder::store);
    setIfFound(settings, group, GroupSettingTable.CONTENT_TYPE, builder::contentType);
    setIfFound(settings, group, GroupSettingTable.VERSION, builder::version);
    return builder;
  }

  private static <T> void set(
      Settings settings, String group, Setting<T> setting, Consumer<T> target) {
    target.accept(settings.get(setting.of(group)));
  }

  private static <T> void setIfFound(
      Settings settings, String group, Setting<T> setting, Consumer<T> target) {
    settings.find(setting.of(group)).ifPresent(target);
  }

  private static void close(String group, Getter getter) {
    if (getter instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception failure) {
        log.warn(
            "could not close the getter of group {}, which was not registered", group, failure);
      }
    }
  }

  /** Closes the getters of groups that were not registered. */
  @Override
  public void close() {
    getters.forEach(ConfiguredGroups::close);
    getters.clear();
  }
}
