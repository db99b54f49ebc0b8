package geecache;

import geecache.internal.PeriodicTask;
import java.time.Duration;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Has each group of a node keep its {@link GroupHistory}. Runs on the node's own timer, and ends
 * with it.
 */
final class NodeHistory {
  private final BiConsumer<Duration, Runnable> timer;
  private final Map<String, Group> groups;
  private final PeriodicTask task = new PeriodicTask("keeping the history", this::addPoints);

  /**
   * Makes one that keeps nothing yet.
   *
   * @param timer runs a task after a delay, unless the node is closed by then
   * @param groups those of the node, as they come and go
   */
  NodeHistory(BiConsumer<Duration, Runnable> timer, Map<String, Group> groups) {
    this.timer = timer;
    this.groups = groups;
  }

  /** Begins. */
  void begin() {
    groups.values().forEach(this::add);
    next();
  }

  /** Begins for one group; a second call changes nothing. */
  void add(Group group) {
    group.engine.keepHistory();
  }

  private void next() {
    timer.accept(
        GroupHistory.EVERY,
        () -> {
          task.run();
          next();
        });
  }

  private void addPoints() {
    groups.values().forEach(group -> group.engine.addPoint());
  }
}
