package geecache.metrics;

import geecache.Geecache;
import geecache.LocalNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Tells the numbers of a node to a Micrometer registry: of the node, of each of its groups, those
 * of now and those that come, and of each peer. {@code docs/metrics.md} lists them. They leave the
 * registry when the node is closed. No tag holds a key.
 *
 * <p>What the node counts anyway is read when the registry asks for it. Loads, waits and requests
 * to peers are timed as they happen. A hit costs as much as without. Safe for use by many threads.
 */
public final class GeecacheMetrics implements MeterBinder {
  private final LocalNode node;
  private final Tags tags;

  /** Tells the numbers of {@code node} without tags of your own. */
  public GeecacheMetrics(Geecache node) {
    this(node, Tags.empty());
  }

  /**
   * Tells the numbers of {@code node}.
   *
   * @param tags of all its meters; several nodes in one registry need different ones, with the same
   *     names
   */
  public GeecacheMetrics(Geecache node, Iterable<Tag> tags) {
    this.node = node.local();
    this.tags = Tags.of(tags);
  }

  /**
   * Adds the meters to {@code registry}. Several registries may have them.
   *
   * @throws IllegalStateException if the registry has those of a node with the same tags
   */
  @Override
  public void bindTo(MeterRegistry registry) {
    node.listen(new NodeMeters(node, registry, tags));
  }
}
