package geecache.cluster;

import geecache.ByteView;
import geecache.LocalGroup;
import geecache.NotReachedException;
import geecache.OverloadedException;
import geecache.Stamp;
import geecache.cluster.LocalChanges.Done;
import geecache.internal.ControlCharacters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries changes that callers make on this node to all nodes. No call blocks.
 *
 * <p>One rule says which nodes have to be told: those that were in the view when the change was
 * called or are in it when the change ends, those that left it within the last minute without a
 * word, and those that other nodes name when they acknowledge. Each of them has acknowledged the
 * change when it ends, or the caller gets its name. A node out of contact is named at once; it is
 * told when it is met again, before it is asked for anything. Go nodes know no changes, so their
 * names are always among them.
 *
 * <p>A set is stored by the owner of the key first. Then all nodes are told to forget older values,
 * by a removal with the stamp of the set. If the owner does not store the value, the set ends as a
 * removal with a later stamp: the value holds nowhere, even if the owner's answer was lost or its
 * request is still under way.
 *
 * <p>A removal wins over a set that was called at the same time. If a node holds a value that was
 * set with a later stamp than that of a removal, the removal is stamped anew and told again while
 * its caller waits: the value may be older than what the removal's caller wrote to the source. A
 * set that finds a later change of its key is overtaken: as if it had been stored before that
 * change.
 */
final class ChangeBroadcast {
  private static final Logger log = LoggerFactory.getLogger(ChangeBroadcast.class);

  /** How often a change is stamped anew, or a set looks for the owner. */
  private static final int MOST_TRIES = 5;

  private static final long OWNER_PAUSE_MILLIS = 100;

  private final ClusterOptions options;
  private final ClusterRuntime runtime;
  private final HybridClock clock;
  private final ChangeLog changes;
  private final LocalChanges local;
  private final ViewHolder views;
  private final NodePeer.Meeter meeter;
  private final BulkRemovals bulks;
  private final AtomicLong calls = new AtomicLong();

  /** The calls under way, by their numbers. */
  private final NavigableMap<Long, Call> underWay = new ConcurrentSkipListMap<>();

  /** Set once. A call that reads it late is ended by the second look. */
  private volatile boolean closed;

  private record Call(String what, CompletableFuture<Void> end) {}

  ChangeBroadcast(
      ClusterOptions options,
      ClusterRuntime runtime,
      HybridClock clock,
      ChangeLog changes,
      LocalChanges local,
      ViewHolder views,
      NodePeer.Meeter meeter) {
    this.options = options;
    this.runtime = runtime;
    this.clock = clock;
    this.changes = changes;
    this.local = local;
    this.views = views;
    this.meeter = meeter;
    int most = Math.max(1, Math.min(Changes.MOST_REMOVALS, options.removalLogSize() / 2));
    this.bulks = new BulkRemovals(most, this::remove);
  }

  /** As {@link geecache.Cluster#removeAll}. */
  CompletableFuture<Void> removeAll(LocalGroup group, Collection<String> keys) {
    List<String> distinct = new ArrayList<>(new LinkedHashSet<>(keys));
    String what =
        distinct.size() == 1
            ? "the removal of a key of group " + group.name()
            : "the removal of " + distinct.size() + " keys of group " + group.name();
    if (distinct.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    return bounded(
        what,
        () -> {
          if (distinct.size() == 1) {
            Set<String> missed = new LinkedHashSet<>();
            return remove(group, distinct, missed).thenRun(() -> requireNone(missed, what));
          }
          return bulks.remove(group, distinct).thenAccept(missed -> requireNone(missed, what));
        });
  }

  private CompletableFuture<Void> remove(LocalGroup group, List<String> keys, Set<String> missed) {
    return new Removing(
            stamp -> local.remove(group, keys, stamp), keys.size(), missed, new Deadline())
        .begin();
  }

  /** As {@link geecache.Cluster#clear}. */
  CompletableFuture<Void> clear(LocalGroup group) {
    String what = "the clearing of group " + group.name();
    return bounded(
        what,
        () -> {
          Set<String> missed = new LinkedHashSet<>();
          return new Removing(stamp -> local.clear(group, stamp), 1, missed, new Deadline())
              .begin()
              .thenRun(() -> requireNone(missed, what));
        });
  }

  /** As {@link geecache.Cluster#set}. */
  CompletableFuture<Void> set(
      LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive) {
    byte[] bytes = value.toByteArray();
    return bounded(
        setting(group), () -> new Setting(group, key, bytes, millis(timeToLive)).begin());
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

  /** Begins a change unless too many are under way. */
  private CompletableFuture<Void> bounded(String what, Supplier<CompletableFuture<Void>> change) {
    if (!options.changesAllowed() && !views.get().peers().isEmpty()) {
      throw new IllegalStateException(
          "changes need a secret where there are peers: set geecache.secret on all nodes");
    }
    Call call = new Call(what, new CompletableFuture<>());
    long number = calls.incrementAndGet();
    underWay.put(number, call);
    call.end().whenComplete((none, failure) -> underWay.remove(number));
    if (underWay.size() > options.maxChanges()) {
      call.end()
          .completeExceptionally(
              new OverloadedException(
                  "overloaded: %d changes are under way on this node"
                      .formatted(options.maxChanges())));
      return call.end();
    }
    try {
      change
          .get()
          .whenComplete(
              (none, failure) -> {
                if (failure == null) {
                  call.end().complete(none);
                } else {
                  call.end().completeExceptionally(causeOf(failure));
                }
              });
    } catch (RuntimeException | Error fault) {
      call.end().completeExceptionally(fault);
    }
    if (closed) {
      end(call);
    }
    return call.end();
  }

  /** Ends all calls: no answer is waited for any more. */
  void close() {
    closed = true;
    underWay.values().forEach(this::end);
  }

  private void end(Call call) {
    List<String> others = views.toTell().stream().map(KnownNode::url).toList();
    call.end()
        .completeExceptionally(
            new NotReachedException(call.what() + ", whose node is closed,", others));
  }

  /**
   * Fails a change if nodes missed it. One that was not reached may have met the next life of a
   * node that said goodbye to this one: it is named too. Go nodes meet nobody.
   */
  private void requireNone(Set<String> missed, String what) {
    if (!options.goNodes().containsAll(missed)) {
      missed.addAll(views.closed());
    }
    if (!missed.isEmpty()) {
      throw new CompletionException(new NotReachedException(what, missed));
    }
  }

  private static Throwable causeOf(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  /** The time by which a call ends; of many keys, one batch of them. */
  private final class Deadline {
    private final long end = runtime.ticker().nanos() + limit().toNanos();

    private Duration limit() {
      return options.timeout().multipliedBy(10);
    }

    /** Fails {@code answer} when the time is over. */
    <T> CompletableFuture<T> limit(CompletableFuture<T> answer) {
      if (answer.isDone()) {
        return answer;
      }
      Runnable giveUp =
          () ->
              answer.completeExceptionally(
                  LinkFailure.silent("no answer within " + limit().toMillis() + " ms", null));
      try {
        long left = Math.max(0, end - runtime.ticker().nanos());
        Future<?> timer = runtime.timer().schedule(giveUp, left, TimeUnit.NANOSECONDS);
        answer.whenComplete((value, failure) -> timer.cancel(false));
      } catch (RejectedExecutionException closed) {
        answer.completeExceptionally(LinkFailure.silent("the node is closed", closed));
      }
      return answer;
    }
  }

  /** Asks a node that has just come, or that only others know, once it was met, or not. */
  private <T> CompletableFuture<T> onceMet(KnownNode node, Supplier<CompletableFuture<T>> ask) {
    if (node.contact().isMade() || node.metOrNot().isDone()) {
      return ask.get();
    }
    meeter.meet(node);
    return node.metOrNot().thenCompose(met -> ask.get());
  }

  /**
   * Notes that a node did not acknowledge: it must be met before it is asked for anything. If there
   * was no contact, a meeting may be under way, and is not to begin anew with each change: what it
   * does not tell is told right after it.
   */
  private void lose(KnownNode node, Throwable failure) {
    LinkFailure why = LinkFailure.of(node.url(), causeOf(failure));
    if (!why.isNoContact() && node.lose(why)) {
      log.info(
          "lost contact with {}, which did not acknowledge a change: {}",
          ControlCharacters.escape(node.url()),
          ControlCharacters.escape(String.valueOf(why.getMessage())));
    }
    if (node.isInView()) {
      meeter.meet(node);
    }
  }

  /** Removals with one stamp, until all nodes know them or are named. */
  private final class Removing {
    private final Function<Stamp, Done> here;
    private final int count;
    private final Set<String> missed;
    private final Deadline deadline;
    private final List<KnownNode> toTell = views.toTell();
    private int tries;

    /**
     * Makes removals that are not carried out yet.
     *
     * @param here carries them out on this node
     * @param count the number of removals
     * @param missed takes the names of nodes that do not acknowledge
     */
    Removing(Function<Stamp, Done> here, int count, Set<String> missed, Deadline deadline) {
      this.here = here;
      this.count = count;
      this.missed = missed;
      this.deadline = deadline;
    }

    CompletableFuture<Void> begin() {
      missed.addAll(views.get().goNodes());
      Done done = here.apply(clock.next());
      return new Telling(done.last() - count + 1, done.last(), missed, deadline)
          .tell(toTell)
          .thenCompose(
              stayed ->
                  (stayed == null && done.stayed() == null) || ++tries == MOST_TRIES
                      ? CompletableFuture.completedFuture(null)
                      : begin()); // The later stamp has been seen with the answer.
    }
  }

  /** Tells all nodes some removals of this node. */
  private final class Telling {
    private final long first;
    private final long last;
    private final Set<String> missed;
    private final Deadline deadline;
    private final Set<String> asked = new LinkedHashSet<>();
    private final Set<String> named = new LinkedHashSet<>();
    private @Nullable Stamp stayed;

    Telling(long first, long last, Set<String> missed, Deadline deadline) {
      this.first = first;
      this.last = last;
      this.missed = missed;
      this.deadline = deadline;
    }

    /** Returns the latest stamp of a value that the removals left alone; null if there is none. */
    CompletableFuture<@Nullable Stamp> tell(Collection<KnownNode> some) {
      Map<KnownNode, CompletableFuture<ChangeSender.Told>> answers = new LinkedHashMap<>();
      for (KnownNode node : some) {
        if (!node.isSelf() && asked.add(node.url())) {
          answers.put(node, deadline.limit(onceMet(node, () -> tell(node))));
        }
      }
      return CompletableFuture.allOf(answers.values().toArray(CompletableFuture[]::new))
          .handle((none, failure) -> null)
          .thenCompose(
              none -> {
                answers.forEach(this::note);
                List<KnownNode> rest = rest();
                return rest.isEmpty() ? CompletableFuture.completedFuture(stayed) : tell(rest);
              });
    }

    private CompletableFuture<ChangeSender.Told> tell(KnownNode node) {
      return node.sender().tell(first, last);
    }

    private void note(KnownNode node, CompletableFuture<ChangeSender.Told> answer) {
      try {
        ChangeSender.Told told = answer.join();
        named.addAll(told.members());
        if (told.stayed() != null && told.stayed().isAfter(stayed)) {
          stayed = told.stayed();
        }
      } catch (CompletionException failure) {
        if (!node.isSelf()) {
          missed.add(node.url());
          lose(node, failure);
        }
      }
    }

    private List<KnownNode> rest() {
      ClusterView view = views.get();
      Set<KnownNode> rest = new LinkedHashSet<>(views.toTell());
      for (String url : named) {
        if (!url.equals(view.self()) && !options.goNodes().contains(url)) {
          rest.add(views.node(url));
        }
      }
      rest.removeIf(node -> asked.contains(node.url()) || node.isSelf());
      return List.copyOf(rest);
    }
  }

  /** A set, until all nodes know it or are named. */
  private final class Setting {
    private final LocalGroup group;
    private final String key;
    private final byte[] value;
    private final long lifeMillis;
    private final VersionVector known;
    private final Stamp stamp;
    private final Deadline deadline;
    private final List<KnownNode> toTell;
    private final Set<String> missed = new LinkedHashSet<>();
    private int tries;

    Setting(LocalGroup group, String key, byte[] value, long lifeMillis) {
      this.known = changes.knownOf(group.name(), key); // First: what comes later counts as later.
      this.stamp = clock.next();
      this.deadline = new Deadline();
      this.toTell = views.toTell();
      this.group = group;
      this.key = key;
      this.value = value;
      this.lifeMillis = lifeMillis;
    }

    CompletableFuture<Void> begin() {
      ClusterPeer owner = views.get().owner(key);
      SetChange set = new SetChange(group.name(), key, value, lifeMillis, stamp, known);
      if (owner == null) {
        return storedOrNot(null, local.setHere(group, set), null);
      }
      if (!(owner instanceof NodePeer peer) || peer.node().isOld()) {
        return takeBack(owner.url());
      }
      return deadline
          .limit(onceMet(peer.node(), () -> peer.node().sender().set(set)))
          .handle((result, failure) -> storedOrNot(peer.node(), result, failure))
          .thenCompose(next -> next);
    }

    /**
     * Goes on when the owner has answered.
     *
     * @param owner null if it is this node
     * @param result null if the owner did not answer
     */
    private CompletableFuture<Void> storedOrNot(
        @Nullable KnownNode owner, @Nullable SetResult result, @Nullable Throwable failure) {
      if (result == null) {
        lose(owner, failure);
        return takeBack(owner.url());
      }
      String url = owner == null ? String.valueOf(views.get().self()) : owner.url();
      return switch (result) {
        case STORED, OVERTAKEN -> tell(local.makeWay(group, key, stamp));
        case NOT_OWNER -> ++tries == MOST_TRIES ? takeBack(url) : beginSoon();
        case REFUSED -> takeBack(url);
      };
    }

    /** The owner may be about to hear of the nodes that this one knows, or the other way round. */
    private CompletableFuture<Void> beginSoon() {
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
    private CompletableFuture<Void> tell(Done done) {
      missed.addAll(views.get().goNodes());
      return new Telling(done.last(), done.last(), missed, deadline)
          .tell(toTell)
          .thenRun(() -> requireNone(missed, setting(group)));
    }

    /** Removes the key with a later stamp: a request that is still under way has no effect then. */
    private CompletableFuture<Void> takeBack(String owner) {
      missed.add(owner);
      return new Removing(stamp -> local.remove(group, List.of(key), stamp), 1, missed, deadline)
          .begin()
          .thenRun(
              () ->
                  requireNone(
                      missed,
                      "a value for a key of group "
                          + group.name()
                          + " is stored nowhere for sure: its setting"));
    }
  }
}
