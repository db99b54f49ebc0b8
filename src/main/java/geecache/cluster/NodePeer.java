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
 * Another geecache node, as this node sees it, and the keys that this node asks it for. Keys that
 * come while requests are under way wait in a {@link SendQueue}, and are sent together in the next
 * request.
 *
 * <p>If a peer fails several times in a row, contact is lost. Until it is met again, it is not
 * asked, and keys for it fail at once.
 */
final class NodePeer implements ClusterPeer {
  /** Makes contact with peers. */
  interface Meeter {
    /** Meets the peer as soon as there is a thread. */
    void meet(NodePeer peer);

    /** Meets the peer in about a second. */
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

  /** The last request with a standing from the peer. Guarded by this. */
  private @Nullable Sender lastHeard;

  /**
   * True while the peer is not asked for keys that it owned before. Set by any thread, cleared when
   * the peer is met.
   */
  private volatile boolean peeksSuspended;

  /** Done when the peer was met for the first time, or the first attempt failed. */
  private final CompletableFuture<Void> metOrNot = new CompletableFuture<>();

  /** The last standing that the peer told, and when. Written by the thread that received it. */
  private volatile @Nullable Told told;

  private record Told(Standing standing, long at) {}

  /** Why the last request failed; written by senders, for the log. */
  private volatile @Nullable String lastFailure;

  /**
   * Makes a peer that has not been met.
   *
   * @param url names the peer in views
   * @param contact a new contact, or the contact with the peer from when it was in the view before
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
   * Asks the peer for a value from memory, even if it has left the view or missed removals. The
   * question names the removals.
   *
   * @return completed with null if the peer has no value; fails with a {@link LinkFailure} if there
   *     is no answer
   */
  CompletableFuture<@Nullable PeerValue> peek(LocalGroup group, String key) {
    return ask(new PendingKey(group, key, true, ticker.nanos()));
  }

  /**
   * Whether the peer was met and has not failed since, and this node knows all removals that it may
   * have missed.
   */
  boolean mayBePeekedAt() {
    return !peeksSuspended
        && contact.node() != 0
        && (contact.isMade() || removals.reachesBackTo(contact.attempt().toldUpTo()));
  }

  /** Stops peeks at the peer until it is met again: it is too slow for them, or gone. */
  void suspendPeeks(String why) {
    if (!peeksSuspended) {
      peeksSuspended = true;
      info(url + " is not asked any more for the keys that it owned before: " + why);
    }
  }

  /**
   * Returns a future that is done when the peer was met for the first time, or the first attempt
   * failed.
   */
  CompletableFuture<Void> metOrNot() {
    return metOrNot;
  }

  /** Notes that an attempt to meet the peer failed. */
  void noteNotMet() {
    metOrNot.complete(null);
  }

  /** Notes the standing that the peer told. */
  void note(Standing standing) {
    told = new Told(standing, ticker.nanos());
  }

  /**
   * Notes a request with the peer's standing. Interleaving: the peer says that it leaves, and the
   * message is delayed; it stays, and says so; the delayed message arrives. (Test: {@code
   * anEarlierWordThatComesLaterDoesNotCount})
   *
   * @return false if a later request of the same node has arrived before
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
    try {
      if (why.isAlive()) {
        failures.succeed();
      } else {
        counters.failures.increment();
        lastFailure = why.getMessage();
        if (failures.fail()) {
          giveUp();
        }
      }
    } finally { // Even if a link or a log throws, no key waits for ever.
      if (!why.isAlive()) {
        queue.fail(why); // The waiting keys have waited for the same silent peer.
      }
      batch.forEach(key -> key.noAnswer(why));
    }
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
   * Stops asking the peer, and has it met in a moment, over a new connection: the old ones may all
   * be broken.
   */
  private void giveUp() {
    peeksSuspended = true;
    if (contact.lose(removals.head()) && !isRetired()) { // Else this node or the peer has ended.
      info(
          "lost contact with %s: %d requests in a row failed, the last: %s"
              .formatted(url, FAILURES_TO_GIVE_UP, lastFailure));
    }
    meeter.meetSoon(this);
    link.renewConnections();
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

  /** Notes that the peer was met and may be asked. */
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
    queue.fail(LinkFailure.refused(url + " is not in the view any more")); // The peer did not fail.
  }

  /** Escapes {@code what}: it may contain words of the peer. */
  private static void info(String what) {
    log.info("{}", ControlCharacters.escape(what));
  }
}
