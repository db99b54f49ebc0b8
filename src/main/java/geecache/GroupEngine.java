package geecache;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The engine of one group: the values that this node has in memory, and the loads and questions to
 * peers that are under way. {@link Group} is its face for callers.
 */
final class GroupEngine implements LocalGroup {
  final GroupParts parts;
  private final SingleFlight flights;
  private final PeerFetches fetches;
  final Reads reads;

  GroupEngine(String name, GroupSettings settings, Getter getter, NodeParts node) {
    Counters counters = new Counters();
    this.parts =
        new GroupParts(
            name,
            settings,
            getter,
            new GroupStore(settings, counters, node),
            counters,
            new WaitLimits(node, counters),
            this,
            node);
    this.flights = new SingleFlight(parts);
    this.fetches = new PeerFetches(parts);
    this.reads = new Reads(parts, flights, fetches);
  }

  @Override
  public String name() {
    return parts.name();
  }

  @Override
  public CompletableFuture<CachedValue> get(String key) {
    return reads.answerLocally(key);
  }

  @Override
  public @Nullable CachedValue peek(String key) {
    return reads.peek(key);
  }

  @Override
  public @Nullable CachedValue handOut(String key) {
    return reads.handOut(key);
  }

  @Override
  public List<String> hottestKeys() {
    return parts.store().hottestKeys();
  }

  @Override
  public boolean accept(String key, PeerValue given, BooleanSupplier mayBe) {
    KeyRule.require(key);
    long stamp = parts.store().currentStamp();
    return given.isLive()
        && given.value().length() <= parts.settings().maxValueBytes()
        && mayBe.getAsBoolean()
        && parts.store().accept(key, stamp, given);
  }

  @Override
  public void remove(Collection<String> keys) {
    for (String key : keys) {
      flights.detach(key, () -> parts.store().remove(key));
      fetches.detach(key);
    }
  }

  @Override
  public void clear() {
    long cleared = parts.store().clear();
    flights.detachAll(cleared);
    fetches.detachAll(cleared);
  }

  @Override
  public void set(String key, ByteView value, @Nullable Duration timeToLive) {
    Value set = new Value(value, timeToLive);
    flights.detach(key, () -> parts.store().set(key, set));
    fetches.detach(key);
  }

  @Override
  public int maxValueBytes() {
    return parts.settings().maxValueBytes();
  }

  @Override
  public Duration loadTimeout() {
    return parts.settings().loadTimeout();
  }

  @Override
  public Duration waitTimeout() {
    return parts.settings().waitTimeout();
  }

  @Override
  public GroupStats stats() {
    return parts.store().stats();
  }

  void demote() {
    parts.store().demote();
  }

  /** Fails every load under way; later ones find no thread. */
  void close() {
    flights.close();
    fetches.close();
  }

  /** Closes the getter, if it has an end. Called once no load runs, or none will end. */
  void closeGetter() throws Exception {
    if (parts.getter() instanceof AutoCloseable closeable) {
      closeable.close();
    }
  }
}
