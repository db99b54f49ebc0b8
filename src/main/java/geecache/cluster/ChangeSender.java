package geecache.cluster;

import geecache.Stamp;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Tells one node this node's changes, in order, one message at a time. Changes that come while a
 * message is under way are told together in the next one. The queue of removals is the {@link
 * ChangeLog}: the sender only remembers up to which number the node knows them. Safe for use by
 * many threads.
 *
 * <p>If a message fails, all changes that wait fail with it, and contact is lost. What the node
 * misses is told when it is met again.
 */
final class ChangeSender {
  /** A message with this many bytes of sets gets no further one. */
  private static final long LONG_ENOUGH = 512 << 10;

  /** Makes the sender of a node. */
  interface Maker {
    ChangeSender make(String url, NodeLink link, Contact contact);
  }

  /** Told when a message fails. */
  interface Losses {
    /** Loses contact with the node at {@code url}, and seeks it again. */
    void lose(String url, LinkFailure why);
  }

  /**
   * What a node said when it knew some of this node's removals.
   *
   * @param members the nodes that it knows
   * @param stayed the latest stamp of a value that they left alone, because that was set later;
   *     null if there is none
   */
  record Told(List<String> members, @Nullable Stamp stayed) {}

  private record Waiting(long first, long last, CompletableFuture<Told> answer) {}

  private record WaitingSet(SetChange set, CompletableFuture<SetResult> answer) {}

  private final String url;
  private final NodeLink link;
  private final Contact contact;
  private final long self;
  private final ClusterOptions options;
  private final Executor executor;
  private final HybridClock clock;
  private final ChangeLog changes;
  private final Losses losses;

  /** Guards all fields below. No I/O and no action of a waiting caller runs under it. */
  private final Object lock = new Object();

  /** The node knows this node's removals up to this number. */
  private long known;

  /**
   * The values that removals left alone at the node, by the removals' numbers; the first go when
   * there are too many.
   */
  private final NavigableMap<Long, Stamp> stayed = new TreeMap<>();

  /** The changes that callers wait for. */
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

  private final ArrayDeque<WaitingSet> sets = new ArrayDeque<>();
  private boolean sending;

  /** How many of this node's removals the node has come to know. */
  private long told;

  ChangeSender(
      String url,
      NodeLink link,
      Contact contact,
      long self,
      ClusterOptions options,
      ClusterRuntime runtime,
      HybridClock clock,
      ChangeLog changes,
      Losses losses) {
    this.url = url;
    this.link = link;
    this.contact = contact;
    this.self = self;
    this.options = options;
    this.executor = runtime.executor();
    this.clock = clock;
    this.changes = changes;
    this.losses = losses;
  }

  /**
   * Notes that a meeting told the node all of this node's removals up to {@code number}.
   *
   * @param left the values that they left alone
   */
  void begin(long number, Map<Removal.Id, Stamp> left) {
    synchronized (lock) {
      told += Math.max(0, number - known);
      known = number;
      noteStayed(left);
    }
  }

  /** Returns how many of this node's removals the node has acknowledged, here or at meetings. */
  long told() {
    synchronized (lock) {
      return told;
    }
  }

  /** Returns how many of this node's removals the node has not acknowledged. */
  long untold() {
    synchronized (lock) {
      return Math.max(0, changes.knownOf(self) - known);
    }
  }

  /** Whether the node knows this node's removals up to {@code number}. */
  boolean isKnown(long number) {
    synchronized (lock) {
      return known >= number;
    }
  }

  /** Call this under the lock. */
  private void noteStayed(Map<Removal.Id, Stamp> left) {
    left.forEach(
        (id, stamp) -> {
          if (id.origin() == self) {
            stayed.put(id.number(), stamp);
          }
        });
    while (stayed.size() > Changes.MOST_REMOVALS) {
      stayed.pollFirstEntry();
    }
  }

  /**
   * Has the node told this node's removals with these numbers.
   *
   * @return done when the node knows them; fails with a {@link LinkFailure} if contact is lost, at
   *     once if there is none
   */
  CompletableFuture<Told> tell(long first, long last) {
    CompletableFuture<Told> answer = new CompletableFuture<>();
    return addAndBegin(() -> waiting.add(new Waiting(first, last, answer)))
        ? answer
        : CompletableFuture.failedFuture(LinkFailure.noContact(url));
  }

  /**
   * Has the node store a value, if it owns the key.
   *
   * @return fails with a {@link LinkFailure} if contact is lost, at once if there is none
   */
  CompletableFuture<SetResult> set(SetChange set) {
    CompletableFuture<SetResult> answer = new CompletableFuture<>();
    return addAndBegin(() -> sets.add(new WaitingSet(set, answer)))
        ? answer
        : CompletableFuture.failedFuture(LinkFailure.noContact(url));
  }

  /**
   * Sends what no caller waits for: the changes that were called during the meeting which has made
   * contact. Their callers were given the node's name.
   */
  void sendRest() {
    addAndBegin(() -> {});
  }

  /** Adds a change under the lock, and sends it. Returns false if there is no contact. */
  private boolean addAndBegin(Runnable add) {
    synchronized (lock) {
      if (!contact.isMade()) {
        return false; // After fail(), which ends what was added before contact was lost.
      }
      add.run();
      if (sending) {
        return true;
      }
      sending = true;
    }
    try {
      executor.execute(this::send);
    } catch (RejectedExecutionException | OutOfMemoryError noThread) {
      stop(LinkFailure.silent("the node is closed, or has no thread", noThread));
    }
    return true;
  }

  /** Fails all changes that wait. A message under way goes on, and its answer is of no use. */
  void fail(LinkFailure why) {
    List<Waiting> failed;
    List<WaitingSet> failedSets;
    synchronized (lock) {
      failed = List.copyOf(waiting);
      failedSets = List.copyOf(sets);
      waiting.clear();
      sets.clear();
    }
    failed.forEach(each -> each.answer().completeExceptionally(why));
    failedSets.forEach(each -> each.answer().completeExceptionally(why));
  }

  private void stop(LinkFailure why) {
    synchronized (lock) {
      sending = false;
    }
    losses.lose(url, why);
    fail(why);
  }

  /** Runs on a thread of its own until nothing waits. */
  private void send() {
    List<WaitingSet> stored = List.of();
    try {
      for (stored = take(); stored != null; stored = take()) {
        sendOne(stored);
      }
    } catch (IOException | RuntimeException | Error failure) {
      LinkFailure why = LinkFailure.of(url, failure);
      stop(why);
      stored.forEach(each -> each.answer().completeExceptionally(why));
    }
  }

  /** Returns the sets of the next message; null if nothing waits, and this sender has ended. */
  private @Nullable List<WaitingSet> take() {
    synchronized (lock) {
      if (waiting.isEmpty() && sets.isEmpty() && isKnownToNode()) {
        sending = false;
        return null;
      }
      List<WaitingSet> some = new ArrayList<>();
      long bytes = 0;
      while (!sets.isEmpty() && some.size() < Changes.MOST_SETS && bytes < LONG_ENOUGH) {
        WaitingSet next = sets.remove();
        bytes += next.set().messageBytes();
        some.add(next);
      }
      return some;
    }
  }

  /** Whether nothing is left to tell, or must not be told without contact. */
  private boolean isKnownToNode() {
    return !contact.isMade() || changes.knownOf(self) <= known;
  }

  private void sendOne(List<WaitingSet> stored) throws IOException {
    long after;
    synchronized (lock) {
      after = known;
    }
    List<Removal> removed = changes.ownAfter(after, Changes.MOST_REMOVALS);
    if (removed == null) {
      throw LinkFailure.refused(url + " is told changes more slowly than they come");
    }
    long node = contact.node();
    ChangesResult answer =
        link.change(
            new Changes(
                node, clock.now(), stored.stream().map(WaitingSet::set).toList(), null, removed),
            limit());
    if (!contact.isWith(answer.node())) {
      throw LinkFailure.refused(url + " is another node than before");
    }
    if (!clock.observe(answer.clock(), url) || answer.sets().size() != stored.size()) {
      throw LinkFailure.refused(url + " gave an answer that cannot be right");
    }
    for (int i = 0; i < stored.size(); i++) {
      stored.get(i).answer().complete(answer.sets().get(i));
    }
    note(after, removed, answer);
  }

  private Duration limit() {
    return options.timeout().multipliedBy(10);
  }

  private void note(long after, List<Removal> removed, ChangesResult answer) throws LinkFailure {
    long knows = answer.known().of(self);
    if (!removed.isEmpty() && knows <= after) {
      throw LinkFailure.refused(url + " does not carry out changes");
    }
    Map<Waiting, Told> told = new LinkedHashMap<>();
    synchronized (lock) {
      this.told += Math.max(0, knows - known);
      known = Math.max(known, knows);
      noteStayed(answer.stayed());
      waiting.removeIf(
          each -> {
            if (each.last() > known) {
              return false;
            }
            told.put(each, new Told(answer.members(), stayed(each)));
            return true;
          });
    }
    told.forEach((each, what) -> each.answer().complete(what));
  }

  private @Nullable Stamp stayed(Waiting some) {
    return stayed.subMap(some.first(), true, some.last(), true).values().stream()
        .max(Comparator.naturalOrder())
        .orElse(null);
  }
}
