package geecache;

import geecache.internal.JsonWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The engine of one group: the values that this node has in memory, and the loads and questions to
 * peers that are under way. {@link Group} is its face for callers.
 */
final class GroupEngine implements LocalGroup {
  /** Later than all stamps of changes. */
  private static final Stamp END = new Stamp(Long.MAX_VALUE, 0);

  /** What is asked for less often in a minute is asked for rarely, and nobody needs to know. */
  private static final int LEAST_RATE = 60;

  private static final int MOST_RATE = 1_000;

  final GroupParts parts;

  /** How often callers of other nodes asked, in the last half of a minute to a minute. */
  private final HotKeySketch asked;

  final SingleFlight flights;
  final PeerFetches fetches;
  private final HeldAnswers held;
  final Reads reads;
  final LoaderReads loaderReads;
  final AsyncLoads asyncLoads;
  final UnreadableValues unreadable;

  /**
   * Set once, before everything is cleared. A set that reads it late finds that clearing; a value
   * that is handed over may be stored, on a node to which nobody hands anything over any more.
   */
  private volatile boolean closed;

  GroupEngine(String name, GroupSettings settings, Getter getter, NodeParts node) {
    Counters counters = new Counters();
    this.parts =
        new GroupParts(
            name,
            settings,
            getter,
            new GroupStore(settings, counters, node, this, new LargeValues(name, node, counters)),
            counters,
            new WaitLimits(node, counters),
            new WaiterLimit(name, settings.maxWaiters(), settings.mostGuests()),
            this,
            node);
    this.asked =
        HotKeySketch.of(settings.maxBytes(), MOST_RATE, Duration.ofSeconds(30), node.ticker());
    this.flights = new SingleFlight(parts);
    this.fetches = new PeerFetches(parts, flights::failureOf);
    this.held = new HeldAnswers(parts);
    this.reads = new Reads(parts, flights, fetches);
    LoaderParts loading = new LoaderParts(parts, reads, flights, fetches, new LoaderRun(parts));
    this.loaderReads = new LoaderReads(loading);
    this.asyncLoads = new AsyncLoads(loading, loaderReads);
    this.unreadable = new UnreadableValues(name, counters, node.ticker());
  }

  @Override
  public String name() {
    return parts.name();
  }

  @Override
  public int loadsAtOnce() {
    return (int) Math.min(Integer.MAX_VALUE, parts.settings().atOnce());
  }

  @Override
  public String version() {
    return parts.settings().version();
  }

  @Override
  public CompletableFuture<CachedValue> get(String key) {
    return reads.answerLocally(key, false, new Asker(0, null, 1, 0));
  }

  @Override
  public CompletableFuture<CachedValue> get(String key, Asker asker) {
    return get(key, asker, false);
  }

  private CompletableFuture<CachedValue> get(String key, Asker asker, boolean guest) {
    CompletableFuture<CachedValue> going = held.take(asker.node(), key, guest, asker.callers());
    if (going != null) {
      return going;
    }
    if (parts.settings().hotCopies()) {
      asked.count(key, asker.callers() + asker.copyHits());
    }
    return reads.answerLocally(key, guest, asker);
  }

  @Override
  public int rate(String key) {
    int rate = asked.estimate(key);
    return rate < LEAST_RATE ? 0 : rate;
  }

  @Override
  public void hold(String key, long node, CompletableFuture<CachedValue> answer) {
    if (answer instanceof PendingGet get) { // All others were in memory, or failed at once.
      held.hold(node, key, false, get);
    }
  }

  @Override
  public void holdForGuest(String key, long node, CompletableFuture<CachedValue> answer) {
    if (answer instanceof PendingGet get) {
      held.hold(node, key, true, get);
    }
  }

  @Override
  public Burst beginBurst() {
    return flights.beginBurst();
  }

  @Override
  public boolean isQueued(CompletableFuture<CachedValue> answer) {
    Flight flight = answer instanceof PendingGet get ? get.flight() : null;
    return flight != null && flights.isQueued(flight);
  }

  @Override
  public CompletableFuture<CachedValue> getHereForGuest(String key, Asker asker) {
    return get(
        key,
        new Asker(asker.node(), asker.left(), 1, asker.copyHits(), false, asker.traceparent()),
        true);
  }

  @Override
  public CompletableFuture<CachedValue> getForGuest(String key) {
    return reads.answerGuest(key);
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
    long fence = parts.store().currentFence();
    return !closed
        && given.isLive()
        && given.value().length() <= parts.settings().maxValueBytes()
        && mayBe.getAsBoolean()
        && parts.store().accept(key, fence, given);
  }

  @Override
  public @Nullable Stamp remove(String key, Stamp stamp) {
    return change(key, () -> parts.store().remove(key, stamp));
  }

  @Override
  public @Nullable Stamp set(
      String key, ByteView value, @Nullable Duration timeToLive, Stamp stamp) {
    Value set = new Value(value, timeToLive);
    return closed ? null : change(key, () -> parts.store().set(key, set, stamp));
  }

  @Override
  public void requireRoom(String key, ByteView value, @Nullable Duration timeToLive) {
    if (value.length() > maxValueBytes()) {
      throw new ValueTooLargeException(GroupParts.tooLarge(value, maxValueBytes()));
    }
    parts.store().requireRoom(key, new Value(value, timeToLive));
  }

  @Override
  public Put putIfAbsent(String key, ByteView value, @Nullable Duration timeToLive, Stamp stamp) {
    Value put = new Value(value, timeToLive);
    if (closed) {
      return new Put(false, null);
    }
    Carried carried = carry(key, () -> parts.store().putIfAbsent(key, put, stamp));
    boolean stored = carried != Carried.PRESENT && carried.later() == null;
    return new Put(stored, carried.later());
  }

  private @Nullable Stamp change(String key, Supplier<Carried> step) {
    return carry(key, step).later();
  }

  private Carried carry(String key, Supplier<Carried> step) {
    Carried[] carried = {Carried.OUT};
    flights.detach(
        key,
        () -> {
          carried[0] = step.get();
          return carried[0].voids();
        });
    if (carried[0].voids()) {
      fetches.detach(key);
    }
    return carried[0];
  }

  @Override
  public @Nullable Stamp clear(Stamp stamp) {
    long fence = parts.store().fenceAll(stamp);
    Stamp later = parts.store().sweep(stamp);
    flights.detachAll(fence);
    fetches.detachAll(fence);
    return later;
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
    return parts
        .store()
        .stats(parts.waiterLimit().waiting(), flights.running(), flights.waitingForPlace());
  }

  @Override
  public GroupDurations durations() {
    return parts.counters().durations;
  }

  @Override
  public void writeStatus(JsonWriter to) {
    GroupStatus.write(parts.settings(), stats(), to);
  }

  @Override
  public void writeHistory(int points, JsonWriter to) {
    GroupHistory kept = parts.counters().history;
    if (kept != null) {
      kept.write(points, to);
    }
  }

  /** Has the group keep what it did lately; a second call changes nothing. */
  synchronized void keepHistory() {
    Counters counters = parts.counters();
    if (counters.history == null) {
      counters.history =
          new GroupHistory(
              counters.durations, this::stats, counters::chooseOneIn, parts.node().ticker());
    }
  }

  /** Adds to what the group did lately. */
  void addPoint() {
    GroupHistory kept = parts.counters().history;
    if (kept != null) {
      kept.addPoint();
    }
  }

  @Override
  public void explain(String key, JsonWriter to) {
    new KeyReport(parts, flights, fetches).write(KeyRule.require(key), to);
  }

  void demote() {
    parts.store().demote();
  }

  /**
   * Fails every load under way; later ones find no thread. Forgets all values: nobody tells this
   * node of changes any more. Later gets fail, and sets store nothing.
   */
  void close() {
    closed = true;
    flights.close();
    fetches.close();
    asyncLoads.close();
    clear(END);
  }

  /** Closes the getter, if it has an end. Called once no load runs, or none will end. */
  void closeGetter() throws Exception {
    if (parts.getter() instanceof AutoCloseable closeable) {
      closeable.close();
    }
  }
}
