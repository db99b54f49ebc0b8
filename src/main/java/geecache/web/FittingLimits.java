package geecache.web;

import static geecache.web.GroupSettingTable.CONNECTIONS;
import static geecache.web.GroupSettingTable.CONNECTION_WAIT;
import static geecache.web.GroupSettingTable.LOAD_TIMEOUT;
import static geecache.web.GroupSettingTable.MAX_BYTES;
import static geecache.web.GroupSettingTable.MAX_LOADS;
import static geecache.web.GroupSettingTable.MAX_VALUE_BYTES;
import static geecache.web.GroupSettingTable.SOURCE;
import static geecache.web.GroupSettingTable.TIME_LIMIT;
import static geecache.web.GroupSettingTable.URL;
import static geecache.web.GroupSettingTable.WAIT_TIMEOUT;

import geecache.settings.Setting;
import geecache.settings.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Which limits have to fit each other: those of a group, its source, the pool of its source, and
 * its peers. An application whose limits do not fit starts all the same, and says so.
 */
final class FittingLimits {
  private final Settings settings;
  private final String group;
  private final List<String> misfits = new ArrayList<>();

  private FittingLimits(Settings settings, String group) {
    this.settings = settings;
    this.group = group;
  }

  /** Returns a line for each pair of limits that do not fit. */
  static List<String> misfits(Settings settings) {
    return settings.groups().stream()
        .flatMap(group -> new FittingLimits(settings, group).all().stream())
        .toList();
  }

  private List<String> all() {
    Duration load = settings.get(LOAD_TIMEOUT.of(group));
    Duration wait = settings.get(WAIT_TIMEOUT.of(group));
    Duration silence = NodeSettingTable.hasPeers(settings) ? silence() : Duration.ZERO;
    if (wait.compareTo(load.plus(silence)) < 0) {
      add(
          WAIT_TIMEOUT,
          "is shorter than "
              + shown(LOAD_TIMEOUT)
              + (silence.isZero()
                  ? ""
                  : " and twice " + NodeSettingTable.PEER_TIMEOUT.name() + ", for a silent peer")
              + ": callers give up while their load may still succeed");
    }
    if (settings
        .find(SOURCE.of(group))
        .filter(source -> source != GroupSettingTable.Source.SCORES)
        .isPresent()) {
      requireTimeForSource(load);
      requireLoadsForConnections();
    }
    long budget = settings.get(MAX_BYTES.of(group));
    if (budget > 0 && settings.get(MAX_VALUE_BYTES.of(group)) > budget) {
      add(
          MAX_VALUE_BYTES,
          "is over " + shown(MAX_BYTES) + ": larger values are loaded by each get, and not kept");
    }
    return misfits;
  }

  private void requireTimeForSource(Duration load) {
    Duration limit = settings.get(TIME_LIMIT.of(group));
    boolean pooled =
        settings.get(SOURCE.of(group)) == GroupSettingTable.Source.JDBC
            && settings.find(URL.of(group)).isPresent();
    Duration connection = pooled ? settings.get(CONNECTION_WAIT.of(group)) : Duration.ZERO;
    if (load.compareTo(limit.plus(connection)) < 0) {
      add(
          LOAD_TIMEOUT,
          "is shorter than "
              + shown(TIME_LIMIT)
              + (pooled ? " and " + shown(CONNECTION_WAIT) : "")
              + ": a load may end before its source fails, and does not say why");
    }
  }

  /** The other way round fits: no more loads run than the source has connections. */
  private void requireLoadsForConnections() {
    int loads =
        settings
            .find(MAX_LOADS.of(group))
            .or(() -> GroupSettingTable.loadsByDefault(group, settings))
            .orElseThrow();
    if (settings.find(CONNECTIONS.of(group)).filter(most -> most > loads).isPresent()) {
      String name = MAX_LOADS.nameInGroup();
      add(CONNECTIONS, "is over " + name + "=" + loads + ": no more loads than that run at once");
    }
  }

  private Duration silence() {
    return settings.get(NodeSettingTable.PEER_TIMEOUT).multipliedBy(2);
  }

  private void add(Setting<?> setting, String misfit) {
    misfits.add(setting.of(group).name() + "=" + text(setting) + " " + misfit);
  }

  private String shown(Setting<?> setting) {
    return setting.nameInGroup() + "=" + text(setting);
  }

  private String text(Setting<?> setting) {
    return settings.textOf(setting.of(group)).orElse("");
  }
}
