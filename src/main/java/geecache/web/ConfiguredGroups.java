package geecache.web;

import geecache.Geecache;
import geecache.Getter;
import geecache.GroupBuilder;
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
  private final Map<String, Getter> getters = new LinkedHashMap<>();
  private final DatabaseChanges changes = new DatabaseChanges();
  private final List<String> faults = new ArrayList<>();

  /** Makes the getters of the groups that {@code settings} name; see {@link #faults}. */
  ConfiguredGroups(Settings settings) {
    this.settings = settings;
    settings.groups().forEach(this::prepare);
  }

  private void prepare(String group) {
    try {
      requireName(group);
      requireRefreshBeforeEnd(group);
      GetterFactory.of(group, settings).ifPresent(getter -> getters.put(group, getter));
      changes.add(group, settings);
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
      described(node, group).register(getters.get(group));
      getters.remove(group);
    }
  }

  /** Returns the listening for changes that the groups ask for; the caller starts and closes it. */
  DatabaseChanges changes() {
    return changes;
  }

  private GroupBuilder described(Geecache node, String group) {
    GroupBuilder builder = node.group(group);
    set(group, GroupSettingTable.MAX_BYTES, builder::maxBytes);
    set(group, GroupSettingTable.MAX_VALUE_BYTES, bytes -> builder.maxValueBytes(bytes.intValue()));
    set(group, GroupSettingTable.TTL, builder::timeToLive);
    set(group, GroupSettingTable.JITTER, builder::jitter);
    set(group, GroupSettingTable.ABSENT_TTL, builder::absentTimeToLive);
    set(group, GroupSettingTable.REFRESH_AHEAD, builder::refreshAhead);
    set(group, GroupSettingTable.STALE_IF_ERROR, builder::staleIfError);
    set(group, GroupSettingTable.HOLD_OFF, builder::holdOff);
    set(group, GroupSettingTable.HOT_TTL, builder::hotTimeToLive);
    set(group, GroupSettingTable.HOT_COPIES, builder::hotCopies);
    set(group, GroupSettingTable.LOAD_TIMEOUT, builder::loadTimeout);
    set(group, GroupSettingTable.WAIT_TIMEOUT, builder::waitTimeout);
    set(group, GroupSettingTable.LEASE_TIMEOUT, builder::leaseTimeout);
    setIfFound(group, GroupSettingTable.MAX_LOADS, builder::maxLoads);
    setIfFound(group, GroupSettingTable.MAX_BATCH, builder::maxBatch);
    setIfFound(group, GroupSettingTable.MAX_WAITING_LOADS, builder::maxWaitingLoads);
    set(group, GroupSettingTable.MAX_WAITERS, builder::maxWaiters);
    set(group, GroupSettingTable.MAX_HELD_BYTES, builder::maxHeldBytes);
    set(group, GroupSettingTable.STORE, builder::store);
    setIfFound(group, GroupSettingTable.CONTENT_TYPE, builder::contentType);
    setIfFound(group, GroupSettingTable.VERSION, builder::version);
    return builder;
  }

  private <T> void set(String group, Setting<T> setting, Consumer<T> target) {
    target.accept(settings.get(setting.of(group)));
  }

  private <T> void setIfFound(String group, Setting<T> setting, Consumer<T> target) {
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
