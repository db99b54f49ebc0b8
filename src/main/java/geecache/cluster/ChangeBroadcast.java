package geecache.cluster;

import geecache.ByteView;
import geecache.LocalGroup;
import geecache.NotReachedException;
import geecache.internal.ControlCharacters;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries changes that callers make on this node to all nodes: this one, then the owners of the
 * keys, then all others at once. Nodes that only other nodes know are told too. The caller gets the
 * names of the nodes that did not acknowledge; they are told when they are met again. Go nodes know
 * no changes, so their names are always among them.
 *
 * <p>This node remembers the change before it looks up the other nodes. So a node that joins
 * meanwhile is either among them, or is told when it is met.
 */
final class ChangeBroadcast {
  private static final Logger log = LoggerFactory.getLogger(ChangeBroadcast.class);

  private final long self;
  private final ClusterOptions options;
  private final ClusterRuntime runtime;
  private final RemovalLog removals;
  private final Supplier<ClusterView> view;
  private final NodeLinks links;
  private final AtomicLong numbers = new AtomicLong();

  /**
   * Makes a broadcast for one node.
   *
   * @param self the id of this node
   */
  ChangeBroadcast(
      long self,
      ClusterOptions options,
      ClusterRuntime runtime,
      RemovalLog removals,
      Supplier<ClusterView> view,
      NodeLinks links) {
    this.self = self;
    this.options = options;
    this.runtime = runtime;
    this.removals = removals;
    this.view = view;
    this.links = links;
  }

  void removeAll(LocalGroup group, Collection<String> keys) throws NotReachedException {
    requireAllowed();
    List<String> distinct = new ArrayList<>(new LinkedHashSet<>(keys));
    Set<String> missed = new LinkedHashSet<>();
    int most = Change.MOST_REMOVALS;
    for (int from = 0; from < distinct.size(); from += most) {
      List<String> some = distinct.subList(from, Math.min(distinct.size(), from + most));
      long told = removals.head();
      List<Removal> removed = some.stream().map(key -> removal(group, key)).toList();
      removed.forEach(removals::announce);
      some.forEach(key -> group.remove(key, removals.nextStamp()));
      removed.forEach(removals::add);
      Change change = Change.removing(removed);
      Set<String> owners = new HashSet<>();
      some.forEach(key -> addOwner(owners, key));
      missed.addAll(tellAll(group, change, owners, change, told, () -> {}));
    }
    String what =
        distinct.size() == 1 ? "the removal of a key" : "the removal of " + keys.size() + " keys";
    requireNone(missed, what + " of group " + group.name());
  }

  void clear(LocalGroup group) throws NotReachedException {
    requireAllowed();
    long told = removals.head();
    Removal removed = removal(group, null);
    removals.announce(removed);
    group.clear(removals.nextStamp());
    removals.add(removed);
    Change change = Change.removing(List.of(removed));
    requireNone(
        tellAll(group, change, Set.of(), change, told, () -> {}),
        "the clearing of group " + group.name());
  }

  /**
   * Sets a value. A read on this node may ask the owner between the removal here and the set there,
   * and so get the value of the source. Therefore the key is removed here once more when the owner
   * has set it.
   */
  void set(LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive)
      throws NotReachedException {
    requireAllowed();
    long told = removals.head();
    ClusterPeer owner = view.get().owner(key);
    Removal removed = removal(group, key);
    removals.announce(removed);
    if (owner == null) {
      group.set(key, value, timeToLive, removals.nextStamp());
    } else {
      group.remove(key, removals.nextStamp());
    }
    removals.add(removed);
    Change set = new Change(List.of(removed), value.toByteArray(), millis(timeToLive));
    Change remove = Change.removing(List.of(removed));
    Runnable afterOwner = owner == null ? () -> {} : () -> group.remove(key, removals.nextStamp());
    Set<String> owners = owner instanceof NodePeer ? Set.of(owner.url()) : Set.of();
    requireNone(
        tellAll(group, set, owners, remove, told, afterOwner),
        "the setting of a key of group " + group.name());
  }

  /**
   * A very short time is rounded up to one millisecond, since zero has another meaning. A very long
   * one is cut.
   */
  private static long millis(@Nullable Duration timeToLive) {
    if (timeToLive == null) {
      return -1;
    }
    return timeToLive.isZero() ? 0 : Math.max(1, TimeUnit.MILLISECONDS.convert(timeToLive));
  }

  private void requireAllowed() {
    if (!options.changesAllowed() && !view.get().peers().isEmpty()) {
      throw new IllegalStateException(
          "changes need a secret where there are peers: set geecache.secret on all nodes");
    }
  }

  private Removal removal(LocalGroup group, @Nullable String key) {
    return new Removal(self, numbers.incrementAndGet(), group.name(), key);
  }

  private void addOwner(Set<String> owners, String key) {
    ClusterPeer owner = view.get().owner(key);
    if (owner instanceof NodePeer) {
      owners.add(owner.url());
    }
  }

  private static void requireNone(Set<String> missed, String what) throws NotReachedException {
    if (!missed.isEmpty()) {
      throw new NotReachedException(what, missed);
    }
  }

  /** Tells {@code owners} first, then all other nodes, and returns the nodes that missed it. */
  private Set<String> tellAll(
      LocalGroup group,
      Change toOwners,
      Set<String> owners,
      Change toOthers,
      long toldBefore,
      Runnable afterOwners) {
    Set<String> missed = new LinkedHashSet<>(view.get().goNodes()); // Go nodes know no changes.
    Set<String> known = new LinkedHashSet<>();
    Set<String> asked = new HashSet<>(missed);
    String own = view.get().self();
    if (own != null) {
      asked.add(own);
    }
    tell(group, toOwners, owners, toldBefore, known, missed);
    afterOwners.run();
    asked.addAll(owners);
    known.addAll(view.get().urls());
    while (!asked.containsAll(known)) {
      Set<String> next = new LinkedHashSet<>(known);
      next.removeAll(asked);
      tell(group, toOthers, next, toldBefore, known, missed);
      asked.addAll(next);
    }
    return missed;
  }

  private void tell(
      LocalGroup group,
      Change change,
      Collection<String> urls,
      long toldBefore,
      Set<String> known,
      Set<String> missed) {
    Map<String, CompletableFuture<List<String>>> answers = new LinkedHashMap<>();
    for (String url : urls) {
      CompletableFuture<List<String>> answer = new CompletableFuture<>();
      answers.put(url, answer);
      try {
        runtime.executor().execute(() -> tell(group, url, change, answer));
      } catch (RejectedExecutionException | OutOfMemoryError noThread) {
        answer.completeExceptionally(noThread);
      }
    }
    for (Map.Entry<String, CompletableFuture<List<String>>> answer : answers.entrySet()) {
      try {
        // An interrupted thread still waits for all answers: each has its own limit.
        known.addAll(runtime.waiting().join(answer.getValue()));
      } catch (RuntimeException failure) {
        missed.add(answer.getKey());
        lose(answer.getKey(), toldBefore, String.valueOf(causeOf(failure).getMessage()));
      }
    }
  }

  /** Notes that a node missed the removals after entry {@code toldBefore}: it must be met again. */
  private void lose(String url, long toldBefore, String why) {
    Contact contact = view.get().contact(url); // Also of a node that has left meanwhile.
    if (contact != null && contact.lose(toldBefore)) {
      log.info(
          "lost contact with {}, which did not acknowledge a change: {}",
          ControlCharacters.escape(url),
          ControlCharacters.escape(why));
    }
    NodePeer peer = view.get().peer(url); // Read after the loss: the node may have returned.
    if (peer != null) {
      peer.seekContact();
    }
  }

  private void tell(
      LocalGroup group, String url, Change change, CompletableFuture<List<String>> answer) {
    try {
      Duration limit = options.timeout().multipliedBy(10);
      answer.complete(links.node(url).change(group.name(), change, limit).members());
    } catch (IOException | RuntimeException | Error failure) {
      answer.completeExceptionally(failure);
    }
  }

  private static Throwable causeOf(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}
