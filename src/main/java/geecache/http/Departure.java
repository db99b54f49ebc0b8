package geecache.http;

import geecache.CachedValue;
import geecache.Geecache;
import geecache.LocalGroup;
import geecache.http.ClusterCodec.Meeting;
import geecache.http.ClusterCodec.Standing;
import geecache.http.HandoffCodec.Handed;
import geecache.http.HandoffCodec.Taken;
import geecache.http.PeerClient.Question;
import geecache.http.Reply.Status;
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

/**
 * This node's way out of the cluster: it tells all others, and then hands what it has to the next
 * owners, what its stores would keep longest first, within a time. It was taken off its own ring
 * before. Each other node is handed to by a thread of its own, one message after the other.
 */
final class Departure {
  private static final int LONGEST_ANSWER = 64 << 10;

  private final Geecache node;
  private final PeerLinks links;
  private final Supplier<View> view;
  private final long warmMillis;
  private final long began = System.nanoTime();

  /** When all had been told: who is slow to hear takes no time from the rest. Written once. */
  private volatile long handingOverSince = began;

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
  Departure(Geecache node, PeerLinks links, Supplier<View> view, long warmMillis) {
    this.node = node;
    this.links = links;
    this.view = view;
    this.warmMillis = warmMillis;
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
        Duration.ofNanos(System.nanoTime() - began));
  }

  /** Does it all on other threads, and returns at once. */
  void begin() {
    View now = view.get();
    String own = now.self() == null ? "" : now.self();
    Meeting meeting = new Meeting(own, false, List.of(), new Standing(true, warmMillis));
    List<CompletableFuture<Void>> told = new ArrayList<>();
    for (ClusterPeer peer : now.peers()) {
      if (peer instanceof HTTPPeer node) {
        told.add(inBackground(() -> tell(node, meeting)));
      }
    }
    allOf(told)
        .handle(
            (all, failure) -> {
              allTold.complete(null);
              return handOver();
            })
        .thenCompose(handed -> handed)
        .whenComplete((all, failure) -> end());
  }

  private void tell(HTTPPeer peer, Meeting meeting) {
    try {
      byte[] body = ClusterCodec.meeting(meeting);
      ask(peer, "/_cluster/meet", body, links.options().silence().multipliedBy(2));
    } catch (IOException failure) {
      links.log(peer.url() + " was not told that this node leaves: " + failure.getMessage());
      links.meet(peer); // Which tells it too, and is tried until it has heard.
    }
  }

  private CompletableFuture<Void> handOver() {
    handingOverSince = System.nanoTime();
    List<CompletableFuture<Void>> handed = new ArrayList<>();
    if (!links.options().handoff().isZero()) {
      shares().forEach((peer, share) -> handed.add(inBackground(() -> handOver(peer, share))));
    }
    return allOf(handed);
  }

  private void end() {
    LeaveReport last = report(true);
    links.log("this node has " + last);
    over.complete(last);
  }

  /** Returns what goes to each node: the keys of each group, in the order in which they go. */
  private Map<HTTPPeer, Map<LocalGroup, ArrayDeque<String>>> shares() {
    View now = view.get();
    Map<HTTPPeer, Map<LocalGroup, ArrayDeque<String>>> shares = new LinkedHashMap<>();
    for (LocalGroup group : node.local().groups()) {
      for (String key : group.hottestKeys()) {
        if (now.owner(key) instanceof HTTPPeer owner) {
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
  private void handOver(HTTPPeer peer, Map<LocalGroup, ArrayDeque<String>> share) {
    try {
      Queue<Map.Entry<LocalGroup, ArrayDeque<String>>> groups = new ArrayDeque<>(share.entrySet());
      while (!groups.isEmpty() && left().toMillis() > 0) {
        Map.Entry<LocalGroup, ArrayDeque<String>> next = groups.remove();
        if (sent(peer, next.getKey(), next.getValue()) && !next.getValue().isEmpty()) {
          groups.add(next);
        }
      }
    } catch (IOException failure) {
      links.log(peer.url() + " takes nothing more over: " + failure.getMessage());
    }
  }

  /** Returns false if the peer takes nothing of this group: it may have it no more, or not yet. */
  private boolean sent(HTTPPeer peer, LocalGroup group, ArrayDeque<String> keys)
      throws IOException {
    try {
      send(peer, group, keys);
      return true;
    } catch (PeerFailure refused) {
      if (!refused.isAlive()) {
        throw refused;
      }
      links.log(
          peer.url()
              + " takes nothing over of group "
              + group.name()
              + ": "
              + refused.getMessage());
      return false;
    }
  }

  private Duration left() {
    return links.options().handoff().minusNanos(System.nanoTime() - handingOverSince);
  }

  private void send(HTTPPeer peer, LocalGroup group, ArrayDeque<String> keys) throws IOException {
    List<Handed> batch = new ArrayList<>();
    long bytes = 0;
    while (!keys.isEmpty()
        && batch.size() < HandoffCodec.MOST_ENTRIES
        && bytes < HandoffCodec.LONG_ENOUGH) {
      String key = keys.remove();
      // First the removals, then the value: see Takeover.
      List<Removal.Carried> removed = links.removals().carriedOut(group.name(), key);
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
    byte[] answer =
        ask(
            peer,
            "/_cluster/handoff?group=" + group.name(),
            HandoffCodec.entries(batch),
            left().compareTo(Duration.ofMillis(1)) > 0 ? left() : Duration.ofMillis(1));
    Taken outcome = HandoffCodec.readTaken(answer);
    taken.addAndGet(outcome.taken());
    refused.addAndGet(outcome.refused());
    links.counters().handedOver.add(outcome.taken());
  }

  private static Handed handed(String key, CachedValue held, List<Removal.Carried> removed) {
    boolean ends = held.timeToLive() != null;
    return new Handed(
        key,
        held.value().toByteArray(),
        ends ? Math.max(0, held.age().toMillis()) : -1,
        ends ? Math.max(0, held.timeToLive().toMillis()) : -1,
        removed);
  }

  private byte[] ask(HTTPPeer peer, String path, byte[] body, Duration limit) throws IOException {
    Question question =
        Question.post(peer.base(), path, new String[0], ClusterCodec.CONTENT_TYPE, body, limit);
    return links
        .client()
        .ask(
            question,
            reply -> {
              byte[] answer = reply.bytes(LONGEST_ANSWER);
              if (!reply.status().equals(Status.OK.token())) {
                throw PeerFailure.refused("it answered " + reply.status());
              }
              return answer;
            });
  }

  private CompletableFuture<Void> inBackground(Runnable task) {
    try {
      return CompletableFuture.runAsync(task, links.executor());
    } catch (RejectedExecutionException | OutOfMemoryError noThread) {
      return CompletableFuture.failedFuture(noThread);
    }
  }

  private static CompletableFuture<Void> allOf(List<CompletableFuture<Void>> all) {
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
  }
}
