package geecache.cluster;

import geecache.CacheException;
import geecache.LocalGroup;
import geecache.PeerValue;
import geecache.Ticker;
import geecache.internal.ControlCharacters;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node knows of another geecache node, and the keys that it asks that node for. Keys that
 * come while requests are under way wait in a {@link SendQueue}, and leave together in the next
 * one.
 *
 * <p>A peer that fails several times in a row is given up: it is asked for nothing, and the keys
 * that wait for it are told so at once, until it was met again.
 */
final class NodePeer implements ClusterPeer {
  /** Makes contact with peers. */
  interface Meeter {
    /** Has the peer met as soon as there is a thread. */
    void meet(NodePeer peer);

    /** Has the peer met in about a second. */
    void meetSoon(NodePeer peer);
  }

  private static final Logger log = LoggerFactory.getLogger(NodePeer.class);

  private static final int FAILURES_TO_GIVE_UP = 3;

  private final String url;
  private final NodeLink link;
  private final Contact contact;
  private final Meeter meeter;
  private final RemovalLog removals;
  private final ClusterRuntime runtime;
  private final Ticker ticker;
  private final PeerCounters counters;
  private final LongSupplier fingerprint;
  private final ClusterOptions options;
  private final SendQueue queue;
  private final FailureStreak failures = new FailureStreak(FAILURES_TO_GIVE_UP);

  /** The request in which the peer told of itself last; guarded by this. */
  private @Nullable Sender lastHeard;

  /**
   * True once the peer is not asked any more for what it owned until lately. Set by any thread,
   * cleared when the peer was met.
   */
  private volatile boolean peeksSuspended;

  /** Done when the peer was met for the first time, or that was tried in vain. */
  private final CompletableFuture<Void> metOrNot = new CompletableFuture<>();

  /** What the peer said of itself last, and when; written by the thread that heard it. */
  private volatile @Nullable Told told;

  private record Told(Standing standing, long at) {}

  /** Why the last request failed; written by senders, for the log. */
  private volatile @Nullable String lastFailure;

  /**
   * Makes a peer that is to be met.
   *
   * @param url names the peer in views
   * @param contact a new one, or that of the peer's former stay in the view
   * @param fingerprint of the view as it is now
   */
  NodePeer(
      String url,
      NodeLink link,
      Contact contact,
      Meeter meeter,
      RemovalLog removals,
      ClusterRuntime runtime,
      PeerCounters counters,
      LongSupplier fingerprint,
      ClusterOptions options) {
    this.url = url;
    this.link = link;
    this.contact = contact;
    this.meeter = meeter;
    this.removals = removals;
    this.runtime = runtime;
    this.ticker = runtime.ticker();
    this.counters = counters;
    this.fingerprint = fingerprint;
    this.options = options;
    this.queue =
        new SendQueue(
            url,
            options,
            runtime.executor(),
            counters,
            true,
            contact::isMade,
            link::maxReads,
            link::maxKeys,
            this::ask);
  }

  @Override
  public String url() {
    return url;
  }

  NodeLink link() {
    return link;
  }

  Contact contact() {
    return contact;
  }

  @Override
  public void seekContact() {
    meeter.meet(this);
  }

  @Override
  public boolean isUsable() {
    return contact.isMade();
  }

  @Override
  public CompletableFuture<PeerValue> get(LocalGroup group, String key) {
    return ask(new PendingKey(group, key, false, ticker.nanos()));
  }

  /**
   * Asks for what the peer has in memory, even if it has left the view or missed removals: the
   * question names those.
   *
   * @return completed with null if the peer has nothing; fails with a {@link LinkFailure} if there
   *     is no answer
   */
  CompletableFuture<@Nullable PeerValue> peek(LocalGroup group, String key) {
    return ask(new PendingKey(group, key, true, ticker.nanos()));
  }

  /**
   * Whether the peer was met, did not fail since, and all removals that it may have missed are
   * known.
   */
  boolean mayBePeekedAt() {
    return !peeksSuspended
        && contact.node() != 0
        && (contact.isMade() || removals.reachesBackTo(contact.attempt().toldUpTo()));
  }

  /** Asks no more questions that a load waits for: the peer is too slow for them, or gone. */
  void suspendPeeks(String why) {
    if (!peeksSuspended) {
      peeksSuspended = true;
      info(url + " is not asked any more for the keys that it owned before: " + why);
    }
  }

  /** Returns what is done when the peer was met for the first time, or that was tried in vain. */
  CompletableFuture<Void> metOrNot() {
    return metOrNot;
  }

  /** Notes that the peer was met in vain. */
  void noteNotMet() {
    metOrNot.complete(null);
  }

  /** Notes what the peer said of itself. */
  void note(Standing standing) {
    told = new Told(standing, ticker.nanos());
  }

  /**
   * Notes a request in which the peer tells of itself. Interleaving: it says that it leaves, which
   * comes late; it stays, and says so; the first comes. (Test: {@code
   * anEarlierWordThatComesLaterDoesNotCount})
   *
   * @return false if the same node has sent a later one, which came before
   */
  synchronized boolean noteRequest(Sender sender) {
    if (lastHeard != null
        && lastHeard.node() == sender.node()
        && lastHeard.number() > sender.number()) {
      return false;
    }
    lastHeard = sender;
    return true;
  }

  /** Whether the peer held nothing when it was met last. */
  boolean wasEmpty() {
    Told last = told;
    return last != null && last.standing().warmMillis() < 0;
  }

  /** Whether the peer had joined less than so many nanoseconds ago when it was met last. */
  boolean isNew(long nanos) {
    Told last = told;
    return last != null
        && TimeUnit.MILLISECONDS.toNanos(Math.max(0, last.standing().warmMillis()))
                + (ticker.nanos() - last.at())
            < nanos;
  }

  private CompletableFuture<@Nullable PeerValue> ask(PendingKey key) {
    enqueue(key);
    return key.answer;
  }

  private void enqueue(PendingKey key) {
    if (key.onlyIfCached && !mayBePeekedAt()) {
      key.noAnswer(LinkFailure.noContact(url));
    } else {
      queue.add(key);
    }
  }

  private void ask(List<PendingKey> batch, SendQueue.Turn turn) {
    LocalGroup group = batch.get(0).group;
    try {
      ReadLink.Batch request =
          new ReadLink.Batch(
              group,
              batch.stream().map(key -> key.read(removals)).toList(),
              turn.mayPark(),
              fingerprint.getAsLong(),
              PendingKey.longest(group).plus(options.timeout()));
      if (link.read(request, new Answers(batch, turn))) {
        failures.succeed();
      } else {
        batch.forEach(this::enqueue);
      }
    } catch (IOException | RuntimeException | Error failure) {
      fail(batch, LinkFailure.of(url, failure));
    }
  }

  private void fail(List<PendingKey> batch, LinkFailure why) {
    if (why.isUnasked()) {
      counters.refused.add(batch.size());
      batch.forEach(PendingKey::failUnasked);
      return;
    }
    if (why.isAlive()) {
      failures.succeed();
    } else {
      counters.failures.increment();
      lastFailure = why.getMessage();
      if (failures.fail()) {
        giveUp();
      }
      queue.fail(why); // Those keys have waited for the same peer for as long.
    }
    batch.forEach(key -> key.noAnswer(why));
  }

  /** Gives each key of a batch its outcome. */
  private final class Answers implements ReadLink.Answers {
    private final List<PendingKey> batch;
    private final SendQueue.Turn turn;

    Answers(List<PendingKey> batch, SendQueue.Turn turn) {
      this.batch = batch;
      this.turn = turn;
    }

    @Override
    public void begin(long node) throws LinkFailure {
      requireKnown(node);
    }

    @Override
    public void restComesLater() {
      turn.park();
    }

    @Override
    public void value(int index, PeerValue value) {
      batch.get(index).complete(value);
    }

    @Override
    public void failure(int index, CacheException failure) {
      batch.get(index).fail(failure);
    }

    @Override
    public void notCached(int index) {
      batch.get(index).complete(null);
    }

    @Override
    public void pending(int index, long afterMillis) {
      askAgain(batch.get(index), afterMillis);
    }

    @Override
    public void refused(int index, LinkFailure why) {
      batch.get(index).noAnswer(why);
    }
  }

  /** Asks once more for a key that is loading at the peer. */
  private void askAgain(PendingKey key, long afterMillis) {
    if (key.isLate(ticker.nanos())) {
      key.giveUp();
      return;
    }
    try {
      runtime.timer().schedule(() -> enqueue(key), afterMillis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closed) {
      key.noAnswer(LinkFailure.silent("the node is closed", closed));
    }
  }

  /**
   * Leaves the peer alone for a moment, and has it met then, over a new connection, since others
   * may be as bad as those that failed.
   */
  private void giveUp() {
    peeksSuspended = true;
    link.renewConnections();
    if (contact.lose(removals.head()) && !isRetired()) { // Else this node, or the peer, has ended.
      info(
          "lost contact with %s: %d requests in a row failed, the last: %s"
              .formatted(url, FAILURES_TO_GIVE_UP, lastFailure));
    }
    meeter.meetSoon(this);
  }

  private void requireKnown(long node) throws LinkFailure {
    boolean was = contact.isMade();
    if (!contact.isWith(node)) {
      if (was) {
        info("lost contact with " + url + ": another node answers there, as after a restart");
      }
      meeter.meet(this);
      throw LinkFailure.refused(url + " is another node than before");
    }
  }

  /** Notes that the peer was met, and may be asked. */
  void noteMet() {
    failures.reset();
    peeksSuspended = false;
    metOrNot.complete(null);
  }

  boolean isRetired() {
    return queue.hasEnded();
  }

  @Override
  public void retire() {
    queue.end();
    metOrNot.complete(null);
    queue.fail(LinkFailure.refused(url + " is not in the view any more")); // It did not fail.
  }

  /** The peer's own words may be part of it. */
  private static void info(String what) {
    log.info("{}", ControlCharacters.escape(what));
  }
}
