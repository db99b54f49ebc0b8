package geecache.web;

import static geecache.web.GroupSettingTable.CHANGES;
import static geecache.web.GroupSettingTable.CHANGES_EVERY;
import static geecache.web.GroupSettingTable.CHANGES_TABLE;
import static geecache.web.GroupSettingTable.DRIVER;
import static geecache.web.GroupSettingTable.JNDI;
import static geecache.web.GroupSettingTable.LISTEN;
import static geecache.web.GroupSettingTable.PASSWORD;
import static geecache.web.GroupSettingTable.URL;
import static geecache.web.GroupSettingTable.USER;

import geecache.Geecache;
import geecache.settings.Settings;
import geecache.source.ChangeTable;
import geecache.source.ChangeTableBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Reads tables of changes, for the groups whose settings ask for it. Groups that name the same
 * table of the same database in the same way share one connection.
 */
final class ChangeTables implements AutoCloseable {
  /** By the settings that tell one connection from another; a password may be among them. */
  private final Map<List<?>, ChangeTableBuilder> described = new LinkedHashMap<>();

  /** Complete before requests come. */
  private final List<ChangeTable> reading = new ArrayList<>();

  /**
   * Adds a group, if its settings ask for it.
   *
   * @throws IllegalArgumentException if other settings exclude it
   */
  void add(String group, Settings settings) {
    if (!settings.isSet(CHANGES.of(group))) {
      GroupSettingTable.refuseWithout(CHANGES, group, settings, CHANGES_TABLE, CHANGES_EVERY);
      return;
    }
    if (settings.isSet(LISTEN.of(group))) {
      throw new IllegalArgumentException("changes and listen exclude each other");
    }
    DatabaseChanges.requireSecretAmongPeers(CHANGES, settings);
    List<?> place =
        Stream.of(CHANGES_TABLE, CHANGES_EVERY, JNDI, URL, USER, PASSWORD, DRIVER)
            .map(setting -> settings.find(setting.of(group)))
            .toList();
    described.computeIfAbsent(place, first -> describe(group, settings)).groups(List.of(group));
  }

  private static ChangeTableBuilder describe(String group, Settings settings) {
    ChangeTableBuilder builder = ChangeTable.builder(GroupDatabase.of(group, settings));
    settings.find(CHANGES_TABLE.of(group)).ifPresent(builder::table);
    settings.find(CHANGES_EVERY.of(group)).ifPresent(builder::every);
    return builder;
  }

  /**
   * Starts to read. A database that is down is asked again later.
   *
   * @param node has its peers already, so that removals reach them too
   * @throws IllegalStateException if a library or a data source is missing; the message names it
   */
  void start(Geecache node) {
    described.values().forEach(builder -> reading.add(builder.start(node)));
    described.clear();
  }

  /** Stops reading. Closing twice does nothing. */
  @Override
  public void close() {
    reading.forEach(ChangeTable::close);
  }
}
