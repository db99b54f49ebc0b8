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
  private final Fetches fetches;
  final Gets gets;

  GroupEngine(String name, GroupSettings settings, Getter getter, NodeParts node) {
    Counters counters = new Counters();
    this.parts =
        new GroupParts(
            name,
            settings,
            getter,
            new Entries(settings, counters, node),
            counters,
            new Waits(node, counters),
            this,
            node);
    this.flights = new SingleFlight(parts);
    this.fetches = new Fetches(parts);
    this.gets = new Gets(parts, flights, fetches);
  }

  @Override
  public String name() {
    return parts.name();
  }

  @Override
  public CompletableFuture<CachedValue> get(String key) {
    return gets.answerHere(key);
  }

  @Override
  public @Nullable CachedValue peek(String key) {
    return gets.ofOwner(key);
  }

  @Override
  public @Nullable CachedValue handOut(String key) {
    return gets.give(key);
  }

  @Override
  public List<String> hottestKeys() {
    return parts.entries().hottest();
  }

  @Override
  public boolean accept(String key, PeerValue given, BooleanSupplier mayBe) {
    KeyRule.require(key);
    long begin = parts.entries().begin();
    return given.isLive()
        && given.value().length() <= parts.settings().maxValueBytes()
        && mayBe.getAsBoolean()
        && parts.entries().take(key, begin, given);
  }

  @Override
  public void remove(Collection<String> keys) {
    for (String key : keys) {
      flights.detach(key, () -> parts.entries().remove(key));
      fetches.detach(key);
    }
  }

  @Override
  public void clear() {
    long stamp = parts.entries().clear();
    flights.detachAll(stamp);
    fetches.detachAll(stamp);
  }

  @Override
  public void set(String key, ByteView value, @Nullable Duration timeToLive) {
    Value set = new Value(value, timeToLive);
    flights.detach(key, () -> parts.entries().set(key, set));
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
    return parts.entries().stats();
  }

  void demote() {
    parts.entries().demote();
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
