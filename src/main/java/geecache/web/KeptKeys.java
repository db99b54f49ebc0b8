package geecache.web;

import static geecache.web.GroupSettingTable.SNAPSHOT;
import static geecache.web.GroupSettingTable.SNAPSHOT_EVERY;
import static geecache.web.GroupSettingTable.SNAPSHOT_KEYS;
import static geecache.web.GroupSettingTable.SNAPSHOT_RATE;
import static geecache.web.NodeSettingTable.READY_WHEN_WARM;

import geecache.Geecache;
import geecache.Ticker;
import geecache.settings.Settings;
import geecache.snapshot.KeySnapshots;
import geecache.snapshot.SnapshotOptions;
import geecache.snapshot.WarmingProgress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the keys of the groups whose settings ask for it, from the start of the node to its end.
 */
final class KeptKeys implements AutoCloseable {
  private final Ticker ticker;
  private final Map<String, SnapshotOptions> groups = new LinkedHashMap<>();

  /** Both are written before requests come. */
  private @Nullable KeySnapshots snapshots;

  private long began;

  KeptKeys(Ticker ticker) {
    this.ticker = ticker;
  }

  /**
   * Adds a group, if its settings ask for it.
   *
   * @throws IllegalArgumentException if settings are missing
   */
  void add(String group, Settings settings) {
    if (!settings.isSet(SNAPSHOT.of(group))) {
      GroupSettingTable.refuseWithout(
          SNAPSHOT, group, settings, SNAPSHOT_EVERY, SNAPSHOT_KEYS, SNAPSHOT_RATE);
      return;
    }
    settings
        .find(SNAPSHOT.of(group))
        .map(SnapshotOptions::in)
        .map(kept -> settings.find(SNAPSHOT_EVERY.of(group)).map(kept::every).orElse(kept))
        .map(kept -> settings.find(SNAPSHOT_KEYS.of(group)).map(kept::mostKeys).orElse(kept))
        .map(kept -> settings.find(SNAPSHOT_RATE.of(group)).map(kept::keysPerSecond).orElse(kept))
        .ifPresent(kept -> groups.put(group, kept));
  }

  /** Returns a line if no group keeps the keys for which the node is to wait. */
  List<String> faults(Settings settings) {
    boolean vain =
        groups.isEmpty()
            && settings.isSet(READY_WHEN_WARM)
            && settings.groups().stream().noneMatch(group -> settings.isSet(SNAPSHOT.of(group)));
    return vain
        ? List.of(READY_WHEN_WARM.name() + " needs a group with " + SNAPSHOT.nameInGroup())
        : List.of();
  }

  /** Reads the files, and begins to load their keys. */
  void start(Geecache node) {
    began = ticker.nanos();
    if (!groups.isEmpty()) {
      snapshots = KeySnapshots.start(node, groups);
    }
  }

  /** Returns a line for each group that is not warm enough for a node that is to be ready. */
  List<String> lacking(Optional<WarmEnough> enough) {
    KeySnapshots kept = snapshots;
    if (kept == null
        || enough.isEmpty()
        || ticker.nanos() - began >= enough.get().most().toNanos()) {
      return List.of();
    }
    return kept.cold(enough.get().percent()).stream().map(KeptKeys::line).toList();
  }

  private static String line(WarmingProgress progress) {
    return "group %s has loaded %d of %d keys again"
        .formatted(progress.group(), progress.done(), progress.keys());
  }

  /** Writes the keys. Closing twice does nothing. */
  @Override
  public void close() {
    if (snapshots != null) {
      snapshots.close();
    }
  }
}
