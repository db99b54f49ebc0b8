package geecache.cluster;

import geecache.ByteView;
import geecache.LocalGroup;
import geecache.NotReachedException;
import geecache.NotReachedException.Reason;
import geecache.Stamp;
import geecache.cluster.ChangeDelivery.Call;
import geecache.cluster.LocalChanges.Done;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Carries changes that callers make on this node to all nodes. {@link ChangeDelivery} says which
 * nodes those are, {@link ChangeCalls} how many changes may be under way. No call blocks.
 *
 * <p>A set is stored by the owner of the key first. Then all nodes are told to forget older values,
 * by a removal with the stamp of the set. If the owner does not store it, the set ends as a removal
 * with a later stamp: the value holds nowhere, even if the owner's answer was lost or its request
 * is still under way.
 *
 * <p>A removal wins over a set that was called at the same time. If a node holds a value that was
 * set with a later stamp than that of a removal, the removal is stamped anew and told again while
 * its caller waits: the value may be older than what the removal's caller wrote to the source. A
 * set that finds a removal which its node did not know is overtaken, and one that finds a later set
 * is superseded: as if it had been stored before that change. What is overtaken is told as a plain
 * removal, since it has outlasted nothing.
 */
final class ChangeBroadcast {
  /** How often a change is stamped anew, or a set looks for the owner. */
  private static final int MOST_TRIES = 5;

  private static final long OWNER_PAUSE_MILLIS = 100;

  private final ClusterOptions options;
  private final ClusterRuntime runtime;
  private final HybridClock clock;
  private final ChangeLog changes;
  private final LocalChanges local;
  private final PeerCounters counters;
  private final ViewHolder views;
  private final ChangeDelivery delivery;
  private final ChangeCalls calls;
  private final BulkRemovals bulks;

  ChangeBroadcast(
      ClusterOptions options,
      ClusterRuntime runtime,
      HybridClock clock,
      ChangeLog changes,
      LocalChanges local,
      PeerCounters counters,
      ViewHolder views,
      NodePeer.Meeter meeter) {
    this.options = options;
    this.runtime = runtime;
    this.clock = clock;
    this.changes = changes;
    this.local = local;
    this.counters = counters;
    this.views = views;
    this.delivery = new ChangeDelivery(options, runtime, views, meeter);
    this.calls =
        new ChangeCalls(
            options.maxChanges(), () -> views.toTell().stream().map(KnownNode::url).toList());
    int most = Math.max(1, Math.min(Changes.MOST_REMOVALS, options.removalLogSize() / 2));
    this.bulks = new BulkRemovals(most, runtime.executor());
  }

  /** As {@link geecache.Cluster#removeAll}. */
  CompletableFuture<Void> removeAll(LocalGroup group, Collection<String> keys) {
    if (keys.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    requireAllowed();
    List<String> distinct = new ArrayList<>(new LinkedHashSet<>(keys));
    String which = distinct.size() == 1 ? "a key" : distinct.size() + " keys";
    String what = "the removal of " + which + " of group " + group.name();
    return calls.begin(what, () -> remove(group, distinct, what));
  }

  /** As {@link geecache.Cluster#clear}. */
  CompletableFuture<Void> clear(LocalGroup group) {
    requireAllowed();
    String what = "the clearing of group " + group.name();
    return calls.begin(what, () -> clear(group, what));
  }

  /** As {@link geecache.Cluster#set}. */
  CompletableFuture<Void> set(
      LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive) {
    requireAllowed();
    byte[] bytes = value.toByteArray();
    return calls.begin(
        setting(group),
        () ->
            new Setting(group, key, bytes, millis(timeToLive), false)
                .begin()
                .thenAccept(stored -> {}));
  }

  /** As {@link geecache.Cluster#putIfAbsent}. */
  CompletableFuture<Boolean> putIfAbsent(
      LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive) {
    requireAllowed();
    byte[] bytes = value.toByteArray();
    AtomicBoolean stored = new AtomicBoolean();
    return calls
        .begin(
            setting(group),
            () ->
                new Setting(group, key, bytes, millis(timeToLive), true)
                    .begin()
                    .thenAccept(stored::set))
        .thenApply(none -> stored.get());
  }

  private void requireAllowed() {
    if (!options.changesAllowed() && !views.get().peers().isEmpty()) {
      throw new IllegalStateException(
          "changes need a secret where there are peers: set geecache.secret on all nodes");
    }
  }

  private static String setting(LocalGroup group) {
    return "the setting of a key of group " + group.name();
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

  private CompletableFuture<Void> remove(LocalGroup group, List<String> keys, String what) {
    Call call = delivery.begin();
    CompletableFuture<Void> removed =
        keys.size() == 1
            ? remove(group, keys, call)
            : bulks.remove(keys, batch -> remove(group, batch, call), call.over());
    return removed.thenRun(() -> requireNoneMissed(call, what));
  }

  private CompletableFuture<Void> remove(LocalGroup group, List<String> keys, Call call) {
    return new Removing(stamp -> local.remove(group, keys, stamp), keys.size(), call).begin();
  }

  private CompletableFuture<Void> clear(LocalGroup group, String what) {
    Call call = delivery.begin();
    return new Removing(stamp -> local.clear(group, stamp), 1, call)
        .begin()
        .thenRun(() -> requireNoneMissed(call, what));
  }

  private void requireNoneMissed(Call call, String what) {
    Map<String, Reason> missed = call.missed();
    if (!missed.isEmpty()) {
      counters.named.add(missed.size());
      throw new CompletionException(new NotReachedException(what, missed));
    }
  }

  /** Returns how many changes are under way. */
  int underWay() {
    return calls.underWay();
  }

  /** Ends all calls: no answer is waited for any more. */
  void close() {
    calls.close();
  }

  /** Removals with one stamp, until all nodes know them or are named. */
  private final class Removing {
    private final Function<Stamp, Done> here;
    private final int count;
    private final Call call;
    private int tries;

    /**
     * Makes removals that are not carried out yet.
     *
     * @param here carries them out on this node
     * @param count the number of removals
     */
    Removing(Function<Stamp, Done> here, int count, Call call) {
      this.here = here;
      this.count = count;
      this.call = call;
    }

    CompletableFuture<Void> begin() {
      Done done = here.apply(clock.next());
      return call.tell(done.last() - count + 1, done.last())
          .thenCompose(
              stayed ->
                  (stayed == null && done.stayed() == null) || ++tries == MOST_TRIES
                      ? CompletableFuture.completedFuture(null)
                      : begin()); // The later stamp has been seen with the answer.
    }
  }

  /** A set, until all nodes know it or are named. */
  private final class Setting {
    private final LocalGroup group;
    private final String key;
    private final byte[] value;
    private final long lifeMillis;
    private final boolean ifAbsent;
    private VersionVector known;
    private Stamp stamp;
    private final Call call;
    private int tries;

    /** How many nodes turned out not to have the group. */
    private int withoutGroup;

    Setting(LocalGroup group, String key, byte[] value, long lifeMillis, boolean ifAbsent) {
      this.known = changes.knownOf(group.name(), key); // First: what comes later counts as later.
      this.stamp = clock.next();
      this.call = delivery.begin();
      this.group = group;
      this.key = key;
      this.value = value;
      this.lifeMillis = lifeMillis;
      this.ifAbsent = ifAbsent;
    }

    /** Returns whether the value was stored; always true of one that replaces any other. */
    CompletableFuture<Boolean> begin() {
      ClusterPeer owner = owner();
      SetChange set =
          new SetChange(
              group.name(), group.version(), key, value, lifeMillis, stamp, known, ifAbsent);
      if (owner == null) {
        return storedOrNot(null, 0, local.setHere(group, set), null);
      }
      if (!(owner instanceof NodePeer peer) || !takes(peer.node())) {
        return refuse(owner.url(), Reason.NOT_REACHED);
      }
      long asked = peer.node().contact().node();
      return call.ask(peer.node(), () -> peer.node().sender().set(set))
          .handle((answer, failure) -> storedOrNot(peer.node(), asked, answer, failure))
          .thenCompose(next -> next);
    }

    /**
     * Goes on when the owner has answered.
     *
     * @param owner null if it is this node
     * @param asked the id of the owner when it was asked
     * @param answer null if the owner did not answer
     */
    private CompletableFuture<Boolean> storedOrNot(
        @Nullable KnownNode owner,
        long asked,
        @Nullable SetResult answer,
        @Nullable Throwable failure) {
      if (answer == null) {
        delivery.lose(owner, failure);
        call.miss(owner);
        return takeBack();
      }
      String url = owner == null ? String.valueOf(views.get().self()) : owner.url();
      if (ifAbsent && (answer == SetResult.OVERTAKEN || answer == SetResult.SUPERSEDED)) {
        return again(url);
      }
      return switch (answer) {
        case STORED, SUPERSEDED -> tell(local.makeWay(group, key, stamp));
        case OVERTAKEN -> tell(local.remove(group, List.of(key), stamp)); // It outlasted nothing.
        case NOT_OWNER -> ++tries == MOST_TRIES ? refuse(url, Reason.REFUSED) : beginSoon();
        case PRESENT -> CompletableFuture.completedFuture(false);
        case REFUSED -> refuse(url, Reason.REFUSED);
        case NO_SUCH_GROUP -> setElsewhere(owner, asked, url);
        case TOO_LARGE -> refuse(url, Reason.TOO_LARGE);
      };
    }

    private @Nullable ClusterPeer owner() {
      ClusterView view = views.get();
      return view.owner(view.lacking(group.name()), key);
    }

    /**
     * The next owner is asked, if this one turned out to have no such group or version. That may be
     * so for all nodes but one.
     */
    private CompletableFuture<Boolean> setElsewhere(
        @Nullable KnownNode refused, long asked, String url) {
      if (refused != null) {
        views.noteRefusal(refused, asked, GroupVersion.of(group));
        ClusterPeer next = owner();
        boolean isAnother = next == null || !next.url().equals(url);
        if (isAnother && ++withoutGroup <= views.get().peers().size()) {
          return begin();
        }
      }
      return refuse(url, Reason.NO_SUCH_GROUP);
    }

    /** Whether the owner does what this change says. */
    private boolean takes(KnownNode owner) {
      return ifAbsent ? owner.knowsLeases() : !owner.isOld();
    }

    /** Asks once more: whether the key had a value before the later change, nobody knows. */
    private CompletableFuture<Boolean> again(String owner) {
      if (++tries == MOST_TRIES) {
        return refuse(owner, Reason.REFUSED);
      }
      known = changes.knownOf(group.name(), key);
      stamp = clock.next();
      return beginSoon();
    }

    /** Ends a change that the owner did not store, and never will. */
    private CompletableFuture<Boolean> refuse(String owner, Reason why) {
      if (!ifAbsent) {
        return takeBack(owner, why);
      }
      call.miss(owner, why);
      return CompletableFuture.completedFuture(false)
          .thenApply(
              stored -> {
                requireNoneMissed(call, setting(group));
                return stored;
              });
    }

    /** The owner may be about to hear of the nodes that this one knows, or the other way round. */
    private CompletableFuture<Boolean> beginSoon() {
      CompletableFuture<Void> pause = new CompletableFuture<>();
      Runnable end = () -> pause.complete(null);
      try {
        runtime.timer().schedule(end, OWNER_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException closed) {
        pause.complete(null);
      }
      return pause.thenCompose(none -> begin());
    }

    /** Tells the removal of older values. It leaves those alone that were set later than this. */
    private CompletableFuture<Boolean> tell(Done done) {
      return call.tell(done.last(), done.last())
          .thenApply(
              stayed -> {
                requireNoneMissed(call, setting(group));
                return true;
              });
    }

    private CompletableFuture<Boolean> takeBack(String owner, Reason why) {
      call.miss(owner, why);
      return takeBack();
    }

    /** Removes the key with a later stamp: a request that is still under way has no effect then. */
    private CompletableFuture<Boolean> takeBack() {
      return remove(group, List.of(key), call)
          .thenApply(
              none -> {
                requireNoneMissed(
                    call,
                    "a value for a key of group "
                        + group.name()
                        + " is stored nowhere for sure: its setting");
                return true;
              });
    }
  }
}
