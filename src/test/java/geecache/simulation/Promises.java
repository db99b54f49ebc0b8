package geecache.simulation;

import geecache.cluster.SimulatedNetwork.Kind;
import geecache.cluster.SimulatedNetwork.Message;
import geecache.cluster.SimulatedNetwork.Sent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The properties P1 to P3: what a get may see. A get is wrong if some change forbids what it saw.
 *
 * <p>A change says nothing about a node until the node has to know it:
 *
 * <ul>
 *   <li>a node that lived when the change was called, and was in the list of the changing node
 *       within the last minute or is when it returns, has to know it then, unless it is named;
 *   <li>any other node has to know it when the changing node has met it since;
 *   <li>a node that was started later has to know it at once if all that lived before had to.
 * </ul>
 *
 * <p>A node that has to know a change may still get an old value from one that does not have to,
 * since reads name a change for a minute only, and only the last ones. Within these bounds it may
 * not.
 */
final class Promises {
  /** For how long reads name a change; a bit less than that. */
  private static final long NAMED_NANOS = TimeUnit.SECONDS.toNanos(55);

  /** How long a question to a peer may be under way that a get joins. */
  private static final long FETCH_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** How many changes of a key reads name. */
  private static final int MOST_NAMED = 8;

  private final Plan plan;
  private final History history;
  private final Hearing hearing;
  private final List<Sent> sent;
  private final IntFunction<String> urls;

  /**
   * Makes the promises of one run.
   *
   * @param sent the requests between nodes, as they are sent
   * @param hearing which nodes have heard of which
   * @param urls of the nodes, by their numbers
   */
  Promises(Plan plan, History history, List<Sent> sent, Hearing hearing, IntFunction<String> urls) {
    this.plan = plan;
    this.history = history;
    this.sent = sent;
    this.hearing = hearing;
    this.urls = urls;
  }

  /** Which nodes have heard of which. */
  interface Hearing {
    /** Whether a node had heard of another before that time; both by their ids. */
    boolean hasHeard(long node, long of, long beforeNanos);
  }

  /**
   * A get, and what it saw.
   *
   * @param begin the step at which it was called
   */
  record Seen(Incarnation at, int key, int version, long begin, long beginNanos) {
    @Override
    public String toString() {
      return "a get at %s at %s saw version %d of %s"
          .formatted(at, Plan.time(beginNanos / 1_000), version, Keys.name(key));
    }
  }

  /** Returns which promise a get breaks; null if none. */
  @Nullable Breach check(Seen seen) {
    if (seen.version() >= history.newest(seen.key()) || plan.hasSharedUrl()) {
      return null;
    }
    List<Change> changes = history.changes(seen.key());
    for (int i = changes.size() - 1; i >= 0; i--) {
      Change change = changes.get(i);
      int bound = change.bounds[seen.key()];
      if (bound > seen.version()
          && change.end < seen.begin()
          && hasToKnow(change, seen)
          && isLaterThanAllSets(change, seen)) {
        return breach(change, seen);
      }
    }
    return null;
  }

  private Breach breach(Change change, Seen seen) {
    Property property = change.isSet() ? Property.P2 : Property.P1;
    if (setsOf(seen.key(), seen.version())
        .anyMatch(set -> set.failed() && set.end < change.begin)) {
      property = Property.P3;
    } else if (hasMet(change, seen.at(), seen.beginNanos())) {
      property = Property.MET;
    } else if (isToldAfterLeaving(change, seen.at())) {
      property = Property.LEFT;
    }
    return new Breach(
        property,
        seen.key(),
        seen.beginNanos(),
        "%s, but version %d was there before: %s"
            .formatted(seen, change.bounds[seen.key()], change));
  }

  /** Whether no set of the version that was seen may be ordered after the change. */
  private boolean isLaterThanAllSets(Change change, Seen seen) {
    return setsOf(seen.key(), seen.version()).allMatch(set -> isLater(change, set));
  }

  /**
   * Whether a change is ordered after a set that had returned. If its node did not have to know the
   * set, the wall clocks of the two nodes decide, which count milliseconds and may differ; not for
   * a removal that reached all nodes, since it heard of the value and was stamped anew.
   */
  private boolean isLater(Change change, Change set) {
    return set.end < change.begin
        && (!change.isSet() && change.reachedAll()
            || hadToKnowWhenCalled(change, set)
            || millis(set.endNanos) + plan.setup().clockSkew() < millis(change.beginNanos));
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  private Stream<Change> setsOf(int key, int version) {
    return history.changes(key).stream()
        .filter(change -> change.isSet() && change.bounds[key] == version);
  }

  private boolean hasToKnow(Change change, Seen seen) {
    Incarnation node = seen.at();
    return change.how == Change.End.ACKNOWLEDGED
        && (hadToKnowAtTheEnd(change, node)
            || metSince(change, node) < seen.beginNanos()
            || change.unreached.isEmpty() && node.start > change.end)
        && !mayCopyFromOthers(change, seen);
  }

  /** Whether the node has to know the change since it returned. */
  boolean hadToKnowAtTheEnd(Change change, Incarnation node) {
    return isTold(change, node) || isToldAfterLeaving(change, node);
  }

  /** Whether the change had to be told to a node of the list, and did not name it. */
  private boolean isTold(Change change, Incarnation node) {
    return node == change.by || isAbout(change, node, change.members);
  }

  /** The same about a node that was in the list no more. */
  boolean isToldAfterLeaving(Change change, Incarnation node) {
    return !isTold(change, node) && isAbout(change, node, change.left);
  }

  private boolean isAbout(Change change, Incarnation node, int nodes) {
    return node.start < change.begin
        && Nodes.has(nodes, node.node)
        && !Nodes.has(change.named, node.node)
        && (!node.afterGoodbye || hearing.hasHeard(change.by.id, node.id, change.beginNanos));
  }

  /** Whether the changing node had met a node since. */
  boolean hasMet(Change change, Incarnation node, long byNanos) {
    return metSince(change, node) < byNanos;
  }

  /** Returns when the changing node had met a node since, in nanoseconds. */
  private long metSince(Change change, Incarnation node) {
    return history.met(change.by, node, change.endNanos);
  }

  /**
   * Whether some node that did not have to know the change was asked, maybe by one whose reads did
   * not have to name the change any more.
   */
  private boolean mayCopyFromOthers(Change change, Seen seen) {
    long until = change.unreached.isEmpty() ? Change.NEVER : namedUntil(change, seen);
    if (seen.beginNanos() < until) {
      return false;
    }
    List<Incarnation> others = new ArrayList<>(change.unreached);
    history.living().stream().filter(node -> node.start > change.begin).forEach(others::add);
    long since = plan.setup().hotCopies() ? change.beginNanos : seen.beginNanos() - FETCH_NANOS;
    return others.stream()
        .anyMatch(other -> metSince(change, other) > until && wasAsked(other, change.by, since));
  }

  /** Whether any node but one has asked another since, for more than what it owned before. */
  private boolean wasAsked(Incarnation other, Incarnation but, long since) {
    String to = urls.apply(other.node);
    String from = urls.apply(but.node);
    for (int i = sent.size() - 1; i >= 0 && sent.get(i).at() >= since; i--) {
      Message message = sent.get(i).message();
      if (message.kind() == Kind.READ && message.to().equals(to) && !message.from().equals(from)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns until when reads of the node name a change at least, in nanoseconds. A node that was
   * told at a meeting may have been told to clear everything, if more was changed than is
   * remembered.
   */
  private long namedUntil(Change change, Seen seen) {
    int log = plan.setup().removalLog();
    if (!hadToKnowAtTheEnd(change, seen.at()) && !plan.setup().remembersAll()) {
      return 0;
    }
    long all = nth(history.changes(), change, log);
    long ofKey = nth(history.changes(seen.key()), change, MOST_NAMED);
    return Math.min(change.endNanos + NAMED_NANOS, Math.min(all, ofKey));
  }

  /** Returns when {@code count} keys had been changed since, in nanoseconds. */
  private static long nth(List<Change> changes, Change since, int count) {
    int counted = 0;
    List<Change> later =
        changes.stream()
            .filter(each -> each.end > since.begin)
            .sorted(Comparator.comparingLong(each -> each.begin))
            .toList();
    for (Change each : later) {
      counted += Math.max(1, each.operation.keys().size());
      if (counted >= count) {
        return each.beginNanos;
      }
    }
    return Change.NEVER;
  }

  /**
   * Whether a version was set by a call that overlaps those of all newer ones, which are sets too:
   * then it may be the last. A removal wins over a set that was called at the same time.
   */
  boolean mayBeLast(int key, int version) {
    List<Change> changes = history.changes(key);
    return setsOf(key, version)
        .anyMatch(
            set ->
                changes.stream()
                    .filter(newer -> newer.bounds[key] > version)
                    .allMatch(newer -> newer.isSet() && !isLater(newer, set)));
  }

  /**
   * Returns which promise a get of a key breaks that is only set, while the source keeps version 0:
   * the owner, on whom all agree, has what was set last. For a stable plan whose nodes keep all.
   *
   * @param isOwner whether the node owns the key
   */
  @Nullable Breach checkInMemory(Seen seen, boolean isOwner) {
    if (!isOwner && !plan.isCalm()) {
      return null; // It may not reach the owner, and loads for itself.
    }
    List<Change> changes = history.changes(seen.key());
    for (int i = changes.size() - 1; i >= 0; i--) {
      Change set = changes.get(i);
      if (set.isSet()
          && set.reachedAll()
          && set.end < seen.begin()
          && set.bounds[seen.key()] > seen.version()
          && isLaterThanAllSets(set, seen)
          && (seen.version() > 0 || !mayBeGone(set, changes))) {
        return new Breach(
            lastFailed(set, changes).isPresent() ? Property.P3 : Property.P2,
            seen.key(),
            seen.beginNanos(),
            "%s, which the owner %s had lost: %s"
                .formatted(seen, isOwner ? "(itself)" : "(another node)", set));
      }
    }
    return null;
  }

  /**
   * Returns which promise is broken by a value that was stored because there was none, of a key
   * that is only set, as {@link #checkInMemory}: an earlier set was in place, or another such call
   * at the same time stored its value.
   */
  @Nullable Breach checkPut(Change put, int key) {
    List<Change> changes = history.changes(key);
    for (Change before : changes) {
      if (before != put
          && before.isSet()
          && before.reachedAll()
          && (before.end < put.begin || before.operation.kind() == Operation.Kind.PUT)
          && !mayBeGone(before, changes)
          && !mayBeGone(put, changes)) {
        return new Breach(
            Property.P2, key, put.beginNanos, "%s found nothing of %s".formatted(put, before));
      }
    }
    return null;
  }

  /**
   * Whether another change may have removed what was set: a later one, one at the same time, or an
   * earlier removal that the setting node did not have to know, and that may as well be later.
   */
  boolean mayBeGone(Change set, List<Change> changes) {
    return changes.stream()
        .filter(other -> other != set)
        .anyMatch(
            other ->
                other.end > set.begin
                    ? mayRemoveAtTheSameTime(other, changes)
                    : other.failed() && !hadToKnowWhenCalled(set, other));
  }

  /** A set that is overtaken, since its node missed an earlier removal, is one itself. */
  private boolean mayRemoveAtTheSameTime(Change change, List<Change> changes) {
    return !change.isSet()
        || change.failed()
        || change.how == Change.End.UNDER_WAY && !plan.isCalm()
        || changes.stream()
            .anyMatch(
                before ->
                    before.failed()
                        && before.begin < change.begin
                        && !hadToKnowWhenCalled(change, before));
  }

  private boolean hadToKnowWhenCalled(Change set, Change before) {
    return before.how == Change.End.ACKNOWLEDGED
        && (hadToKnowAtTheEnd(before, set.by) || hasMet(before, set.by, set.beginNanos));
  }

  private static OptionalLong lastFailed(Change set, List<Change> changes) {
    return changes.stream()
        .filter(other -> other.failed() && other.end < set.begin)
        .mapToLong(other -> other.end)
        .max();
  }
}
