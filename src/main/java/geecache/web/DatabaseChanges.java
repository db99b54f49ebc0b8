package geecache.web;

import static geecache.web.GroupSettingTable.DRIVER;
import static geecache.web.GroupSettingTable.JNDI;
import static geecache.web.GroupSettingTable.LISTEN;
import static geecache.web.GroupSettingTable.LISTEN_REQUIRED;
import static geecache.web.GroupSettingTable.PASSWORD;
import static geecache.web.GroupSettingTable.TTL;
import static geecache.web.GroupSettingTable.TTL_WHILE_DEAF;
import static geecache.web.GroupSettingTable.URL;
import static geecache.web.GroupSettingTable.USER;

import geecache.Geecache;
import geecache.settings.Setting;
import geecache.settings.Settings;
import geecache.source.PostgresInvalidation;
import geecache.source.PostgresInvalidationBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Listens for changes in databases, for the groups whose settings ask for it. Groups that name the
 * same channel of the same database in the same way share one connection.
 */
final class DatabaseChanges implements AutoCloseable {
  /** By the settings that tell one connection from another; a password may be among them. */
  private final Map<List<?>, PostgresInvalidationBuilder> described = new LinkedHashMap<>();

  /** By the same settings as the builder; complete before requests come. */
  private final Map<List<?>, PostgresInvalidation> listening = new LinkedHashMap<>();

  /** The groups without which the node is not ready, and the settings of their connections. */
  private final Map<String, List<?>> required = new LinkedHashMap<>();

  /**
   * Adds a group, if its settings ask for it.
   *
   * @throws IllegalArgumentException if other settings exclude it
   * @throws IllegalStateException if a library is missing; the message names it
   */
  void add(String group, Settings settings) {
    if (settings.find(LISTEN.of(group)).isEmpty()) {
      GroupSettingTable.refuseWithout(LISTEN, group, settings, LISTEN_REQUIRED, TTL_WHILE_DEAF);
      return;
    }
    requireSecretAmongPeers(LISTEN, settings);
    List<?> place =
        Stream.of(LISTEN, JNDI, URL, USER, PASSWORD, DRIVER)
            .map(setting -> settings.find(setting.of(group)))
            .toList();
    PostgresInvalidationBuilder builder =
        described
            .computeIfAbsent(place, first -> described(group, settings))
            .groups(List.of(group));
    settings.find(TTL_WHILE_DEAF.of(group)).ifPresent(bound -> builder.ttlWhileDeaf(group, bound));
    boolean hasNoOtherEnd = settings.find(TTL.of(group)).orElse(Duration.ZERO).isZero();
    if (settings.find(LISTEN_REQUIRED.of(group)).orElse(hasNoOtherEnd)) {
      required.put(group, place);
    }
  }

  /** Without a secret, the values that one node removes would stay on others, and come back. */
  static void requireSecretAmongPeers(Setting<?> setting, Settings settings) {
    boolean alone =
        settings.find(NodeSettingTable.MEMBERSHIP).orElse(NodeSettingTable.Engine.STATIC)
                == NodeSettingTable.Engine.STATIC
            && settings.find(NodeSettingTable.PEERS).orElse(List.of()).isEmpty();
    boolean secret =
        settings.find(NodeSettingTable.SECRET).map(s -> !s.texts().isEmpty()).orElse(true);
    if (!alone && !secret) {
      throw new IllegalArgumentException(
          setting.nameInGroup()
              + " needs geecache.secret where there are peers: without one no node may remove on"
              + " others what the database says that it changed");
    }
  }

  private static PostgresInvalidationBuilder described(String group, Settings settings) {
    return PostgresInvalidation.builder(GroupDatabase.of(group, settings))
        .channel(settings.find(LISTEN.of(group)).orElseThrow());
  }

  /**
   * Starts to listen. A database that is down is asked again later.
   *
   * @param node has its peers already, so that removals reach them too
   * @param cluster the same on all nodes of a cluster
   * @throws IllegalStateException if a library or a data source is missing; the message names it
   */
  void start(Geecache node, String cluster) {
    described.forEach(
        (place, builder) -> listening.put(place, builder.cluster(cluster).start(node)));
    described.clear();
  }

  /** Returns a line for each group that is required to listen and does not. */
  List<String> lacking() {
    List<String> lacking = new ArrayList<>();
    required.forEach(
        (group, place) -> {
          PostgresInvalidation listener = listening.get(place);
          if (listener != null && listener.problem().isPresent()) { // The log has the reason.
            lacking.add("group " + group + " does not listen for changes in its database");
          }
        });
    return lacking;
  }

  /** Stops listening. Closing twice does nothing. */
  @Override
  public void close() {
    listening.values().forEach(PostgresInvalidation::close);
  }
}
