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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's way out of the cluster: it tells all other nodes, and then hands its entries to the
 * next owners within a time, first those that its stores would keep longest. It was taken off its
 * own ring before. One thread hands over to one node, one message after the other.
 */
final class Handover {
  private static final Logger log = LoggerFactory.getLogger(Handover.class);

  private final LocalNode node;
  private final ClusterOptions options;
  private final ClusterRuntime runtime;
  private final Ticker ticker;
  private final RemovalLog removals;
  private final PeerCounters counters;
  private final Supplier<ClusterView> view;
  private final long warmMillis;
  private final long began;

  /** When all had been told: a node that is slow to hear takes no time from the rest. */
  private volatile long handingOverSince; // Written once, before entries are handed over.

  private final AtomicLong entries = new AtomicLong();
  private final AtomicLong taken = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final CompletableFuture<Void> allTold = new CompletableFuture<>();
  private final CompletableFuture<LeaveReport> over = new CompletableFuture<>();

  /**
   * Begins nothing yet.
   *
   * @param view in which this node owns nothing any more when this begins
   * @param warmMillis as in {@link Standing}, from before it was taken off the ring
   */
  Handover(
      LocalNode node,
      ClusterOptions options,
      ClusterRuntime runtime,
      RemovalLog removals,
      PeerCounters counters,
      Supplier<ClusterView> view,
      long warmMillis) {
    this.node = node;
    this.options = options;
    this.runtime = runtime;
    this.ticker = runtime.ticker();
    this.removals = removals;
    this.counters = counters;
    this.view = view;
    this.warmMillis = warmMillis;
    this.began = ticker.nanos();
    this.handingOverSince = began;
  }

  /** Done when all others were told, or that was tried in vain: never later than {@link #over}. */
  CompletableFuture<Void> allTold() {
    return allTold;
  }

  /** Done with the last report when everything was handed over, or time is up; never fails. */
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

  /** Does it all on other threads, and returns at once. */
  void begin() {
    ClusterView now = view.get();
    String own = now.self() == null ? "" : now.self();
    Meeting meeting = new Meeting(own, false, List.of(), new Standing(true, warmMillis));
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
      peer.link().meet(meeting, options.timeout().multipliedBy(2));
    } catch (IOException failure) {
      info("cannot tell " + peer.url() + " that this node leaves: " + failure.getMessage());
      peer.seekContact(); // A meeting tells it too, and is tried until the peer has heard.
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
    info("this node has " + last);
    over.complete(last);
  }

  /** Returns what goes to each node: the keys of each group, in the order in which they go. */
  private Map<NodePeer, Map<LocalGroup, ArrayDeque<String>>> shares() {
    ClusterView now = view.get();
    Map<NodePeer, Map<LocalGroup, ArrayDeque<String>>> shares = new LinkedHashMap<>();
    for (LocalGroup group : node.groups()) {
      for (String key : group.hottestKeys()) {
        if (now.owner(key) instanceof NodePeer owner) {
          entries.incrementAndGet();
          shares
              .computeIfAbsent(owner, peer -> new LinkedHashMap<>())
              .computeIfAbsent(group, g -> new ArrayDeque<>())
              .add(key);
        }
      }
    }
    return shares;
  }

  /** Takes the groups in turns, so that time that is short is short for all. */
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
      info(peer.url() + " stopped accepting handed-over entries: " + failure.getMessage());
    }
  }

  /** Returns false if the peer takes nothing of this group: it may have it no more, or not yet. */
  private boolean sendSome(NodePeer peer, LocalGroup group, ArrayDeque<String> keys)
      throws IOException {
    try {
      send(peer, group, keys);
      return true;
    } catch (LinkFailure refused) {
      if (!refused.isAlive()) {
        throw refused;
      }
      info(
          peer.url()
              + " accepts no entries of group "
              + group.name()
              + ": "
              + refused.getMessage());
      return false;
    }
  }

  private Duration left() {
    return options.handoff().minusNanos(ticker.nanos() - handingOverSince);
  }

  private void send(NodePeer peer, LocalGroup group, ArrayDeque<String> keys) throws IOException {
    List<HandedEntry> batch = new ArrayList<>();
    long bytes = 0;
    while (!keys.isEmpty()
        && batch.size() < HandedEntry.MOST_IN_A_MESSAGE
        && bytes < HandedEntry.LONG_ENOUGH) {
      String key = keys.remove();
      // First the removals, then the value: see HandoverReceiver.
      List<Removal.Carried> removed = removals.carriedOut(group.name(), key);
      CachedValue held = group.peek(key);
      if (held == null) {
        entries.decrementAndGet(); // It has ended, or was removed or evicted meanwhile.
      } else {
        batch.add(handed(key, held, removed));
        bytes += held.value().length();
      }
    }
    if (batch.isEmpty()) {
      return;
    }
    Duration shortest = Duration.ofMillis(1);
    Duration left = left();
    HandoverResult outcome =
        peer.link().handOver(group.name(), batch, left.compareTo(shortest) > 0 ? left : shortest);
    taken.addAndGet(outcome.taken());
    refused.addAndGet(outcome.refused());
    counters.handedOver.add(outcome.taken());
  }

  private static HandedEntry handed(String key, CachedValue held, List<Removal.Carried> removed) {
    boolean ends = held.timeToLive() != null;
    return new HandedEntry(
        key,
        held.value().toByteArray(),
        ends ? Math.max(0, held.age().toMillis()) : -1,
        ends ? Math.max(0, held.timeToLive().toMillis()) : -1,
        removed);
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

  /** The peer's own words may be part of it. */
  private static void info(String what) {
    log.info("{}", ControlCharacters.escape(what));
  }
}
