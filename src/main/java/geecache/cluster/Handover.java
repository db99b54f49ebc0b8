package geecache.cluster;

import geecache.CachedValue;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.Ticker;
import geecache.internal.ControlCharacters;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps by which this node leaves: it tells all other nodes, and then hands its entries to the
 * next owners within a time limit. The entries that its stores would keep longest go first. This
 * node was taken off its own ring before. One thread hands over to one node, one message after the
 * other.
 */
final class Handover {
  private static final Logger log = LoggerFactory.getLogger(Handover.class);

  private final LocalNode node;
  private final ClusterOptions options;
  private final ClusterRuntime runtime;
  private final Ticker ticker;
  private final ChangeLog changes;
  private final PeerCounters counters;
  private final Supplier<ClusterView> view;
  private final long warmMillis;
  private final HybridClock clock;

  /** The number of this node's standing since it leaves; written before the handover begins. */
  private volatile long standingNumber;

  private final long began;

  /**
   * When all nodes had been told. The time limit begins here, so that a node that is slow to tell
   * costs no time.
   */
  private volatile long handingOverSince; // Written once, before entries are handed over.

  /**
   * The nodes that refused the entries of a group, as another node than before, with another
   * version of its values, may have been started under the name.
   */
  private final Map<LocalGroup, Set<String>> refusing = new ConcurrentHashMap<>();

  private final AtomicLong entries = new AtomicLong();
  private final AtomicLong taken = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final CompletableFuture<Void> allTold = new CompletableFuture<>();
  private final CompletableFuture<LeaveReport> over = new CompletableFuture<>();

  /**
   * Makes a handover that has not begun.
   *
   * @param view the view; this node owns no keys in it when the handover begins
   * @param warmMillis as in {@link Standing}, before this node was taken off the ring
   */
  Handover(
      LocalNode node,
      ClusterOptions options,
      ClusterRuntime runtime,
      HybridClock clock,
      ChangeLog changes,
      PeerCounters counters,
      Supplier<ClusterView> view,
      long warmMillis) {
    this.node = node;
    this.options = options;
    this.runtime = runtime;
    this.ticker = runtime.ticker();
    this.clock = clock;
    this.changes = changes;
    this.counters = counters;
    this.view = view;
    this.warmMillis = warmMillis;
    this.began = ticker.nanos();
    this.handingOverSince = began;
  }

  /**
   * Done when each other node was told, or could not be reached. Never later than {@link #over}.
   */
  CompletableFuture<Void> allTold() {
    return allTold;
  }

  /**
   * Done with the last report when all entries are handed over, or the time is over. Never fails.
   */
  CompletableFuture<LeaveReport> over() {
    return over;
  }

  LeaveReport report() {
    return over.isDone() ? over.join() : report(false);
  }

  private LeaveReport report(boolean done) {
    long unsent = entries.get() - taken.get() - refused.get();
    return new LeaveReport(
        done,
        view.get().owners().size(),
        entries.get(),
        taken.get(),
        refused.get(),
        unsent,
        Duration.ofNanos(ticker.nanos() - began));
  }

  /** Notes the number of this node's standing from when it was taken off the ring. */
  void noteStanding(long number) {
    standingNumber = number;
  }

  /** Begins on other threads, and returns at once. */
  void begin() {
    ClusterView now = view.get();
    Standing standing = new Standing(true, warmMillis, standingNumber, false);
    Meeting meeting = Meeting.of(now.self(), standing, clock.now());
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (ClusterPeer peer : now.peers()) {
      if (peer instanceof NodePeer told) {
        all.add(inBackground(() -> tell(told, meeting)));
      }
    }
    allOf(all)
        .handle(
            (none, failure) -> {
              allTold.complete(null);
              return handOver();
            })
        .thenCompose(handed -> handed)
        .whenComplete((none, failure) -> end());
  }

  private void tell(NodePeer peer, Meeting meeting) {
    try {
      peer.node().link().meet(meeting, options.timeout().multipliedBy(2));
    } catch (IOException failure) {
      log.info(
          "{}",
          ControlCharacters.escape(
              "cannot tell " + peer.url() + " that this node leaves: " + failure.getMessage()));
      peer.seekContact(); // Meeting the peer tells it too, and is tried until it succeeds.
    }
  }

  private CompletableFuture<Void> handOver() {
    handingOverSince = ticker.nanos();
    List<CompletableFuture<Void>> handed = new ArrayList<>();
    if (!options.handoff().isZero()) {
      shares().forEach((peer, share) -> handed.add(inBackground(() -> handOver(peer, share))));
    }
    return allOf(handed);
  }

  private void end() {
    LeaveReport last = report(true);
    log.info("{}", ControlCharacters.escape("this node has " + last));
    over.complete(last);
  }

  /** Returns the keys for each node, by group, in the order in which they are sent. */
  private Map<NodePeer, Map<LocalGroup, ArrayDeque<String>>> shares() {
    Map<NodePeer, Map<LocalGroup, ArrayDeque<String>>> shares = new LinkedHashMap<>();
    for (LocalGroup group : node.groups()) {
      List<String> keys = group.hottestKeys();
      Map<NodePeer, ArrayDeque<String>> share = share(group, keys);
      boolean allHaveIt = view.get().lacking(group.name()).isEmpty();
      entries.addAndGet(
          allHaveIt ? share.values().stream().mapToInt(Queue::size).sum() : keys.size());
      share.forEach(
          (owner, some) ->
              shares.computeIfAbsent(owner, peer -> new LinkedHashMap<>()).put(group, some));
    }
    return shares;
  }

  /** Returns these keys by their next owners, without those that no node takes. */
  private Map<NodePeer, ArrayDeque<String>> share(LocalGroup group, Collection<String> keys) {
    ClusterView now = view.get();
    Set<String> lacking = new HashSet<>(now.lacking(group.name()));
    lacking.addAll(refusing.getOrDefault(group, Set.of()));
    Map<NodePeer, ArrayDeque<String>> share = new LinkedHashMap<>();
    for (String key : keys) {
      if (now.owner(lacking, key) instanceof NodePeer owner && !owner.node().isOld()) {
        share.computeIfAbsent(owner, peer -> new ArrayDeque<>()).add(key);
      }
    }
    return share;
  }

  /** Takes the groups in turn, so that a lack of time affects all alike. */
  private void handOver(NodePeer peer, Map<LocalGroup, ArrayDeque<String>> share) {
    try {
      Queue<Map.Entry<LocalGroup, ArrayDeque<String>>> groups = new ArrayDeque<>(share.entrySet());
      while (!groups.isEmpty() && left().toMillis() > 0) {
        Map.Entry<LocalGroup, ArrayDeque<String>> next = groups.remove();
        if (sendSome(peer, next.getKey(), next.getValue()) && !next.getValue().isEmpty()) {
          groups.add(next);
        }
      }
    } catch (IOException failure) {
      log.info(
          "{}",
          ControlCharacters.escape(
              peer.url() + " stopped accepting handed-over entries: " + failure.getMessage()));
    }
  }

  /**
   * Returns false if the peer accepts no entries of this group, for example because it has no such
   * group.
   */
  private boolean sendSome(NodePeer peer, LocalGroup group, ArrayDeque<String> keys)
      throws IOException {
    try {
      send(peer, group, keys);
      return true;
    } catch (LinkFailure refused) {
      if (!refused.isAlive()) {
        throw refused;
      }
      log.info(
          "{}",
          ControlCharacters.escape(
              peer.url()
                  + " accepts no entries of group "
                  + group.name()
                  + ": "
                  + refused.getMessage()));
      if (refused.isNoSuchGroup()) {
        sendElsewhere(peer, group, keys);
      }
      return false;
    }
  }

  /** Hands entries that a node refused to the next owners of their keys, on this thread. */
  private void sendElsewhere(NodePeer refused, LocalGroup group, ArrayDeque<String> keys) {
    refusing.computeIfAbsent(group, g -> ConcurrentHashMap.newKeySet()).add(refused.url());
    share(group, keys)
        .forEach((next, some) -> handOver(next, new LinkedHashMap<>(Map.of(group, some))));
    keys.clear();
  }

  private Duration left() {
    return options.handoff().minusNanos(ticker.nanos() - handingOverSince);
  }

  private void send(NodePeer peer, LocalGroup group, ArrayDeque<String> keys) throws IOException {
    VersionVector known = changes.known(); // Before the values: see HandoverReceiver.
    List<HandedEntry> batch = new ArrayList<>();
    long bytes = 0;
    while (!keys.isEmpty()
        && batch.size() < HandedEntry.MOST_IN_A_MESSAGE
        && bytes < HandedEntry.LONG_ENOUGH) {
      String key = keys.remove();
      CachedValue held = group.peek(key);
      if (held == null) {
        entries.decrementAndGet(); // The entry expired, or was removed or evicted meanwhile.
      } else {
        batch.add(handed(key, held));
        bytes += held.value().length();
      }
    }
    if (batch.isEmpty()) {
      return;
    }
    HandoverResult outcome;
    try {
      outcome = send(peer, group, new HandedEntries(known, batch));
    } catch (LinkFailure refused) {
      if (refused.isNoSuchGroup()) {
        batch.forEach(entry -> keys.add(entry.key())); // Another node may take them.
      }
      throw refused;
    }
    taken.addAndGet(outcome.taken());
    refused.addAndGet(outcome.refused());
    counters.handedOver.add(outcome.taken());
  }

  private HandoverResult send(NodePeer peer, LocalGroup group, HandedEntries handed)
      throws IOException {
    Duration shortest = Duration.ofMillis(1);
    Duration left = left();
    return peer.node()
        .link()
        .handOver(
            GroupVersion.of(group).toString(),
            handed,
            left.compareTo(shortest) > 0 ? left : shortest);
  }

  private static HandedEntry handed(String key, CachedValue held) {
    boolean ends = held.timeToLive() != null;
    return new HandedEntry(
        key,
        held.value().toByteArray(),
        ends ? Math.max(0, held.age().toMillis()) : -1,
        ends ? Math.max(0, held.timeToLive().toMillis()) : -1,
        held.change());
  }

  private CompletableFuture<Void> inBackground(Runnable task) {
    try {
      return CompletableFuture.runAsync(task, runtime.executor());
    } catch (RejectedExecutionException | OutOfMemoryError noThread) {
      return CompletableFuture.failedFuture(noThread);
    }
  }

  private static CompletableFuture<Void> allOf(List<CompletableFuture<Void>> all) {
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
  }
}
