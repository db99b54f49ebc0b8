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
import java.util.function.IntSupplier;
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
    /** Meets the node as soon as there is a thread. */
    void meet(KnownNode node);

    /** Meets the node in about a second. */
    void meetSoon(KnownNode node);
  }

  private static final Logger log = LoggerFactory.getLogger(NodePeer.class);

  private final String url;
  private final NodeLink link;
  private final KnownNode node;
  private final Contact contact;
  private final Meeter meeter;
  private final ChangeLog changes;
  private final AnnouncedRemovals announced;
  private final ClusterRuntime runtime;
  private final Ticker ticker;
  private final PeerCounters counters;
  private final LongSupplier fingerprint;
  private final ClusterOptions options;
  private final SendQueue queue;

  /** Why the last request failed; written by senders, for the log. */
  private volatile @Nullable String lastFailure;

  /**
   * Makes a peer for one view or more.
   *
   * @param fingerprint of the view as it is now
   * @param groups returns how many groups this node has
   */
  NodePeer(
      KnownNode node,
      Meeter meeter,
      ChangeLog changes,
      AnnouncedRemovals announced,
      ClusterRuntime runtime,
      PeerCounters counters,
      LongSupplier fingerprint,
      IntSupplier groups,
      ClusterOptions options) {
    this.url = node.url();
    this.link = node.link();
    this.node = node;
    this.contact = node.contact();
    this.meeter = meeter;
    this.changes = changes;
    this.announced = announced;
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
            groups,
            link::maxReads,
            link::maxKeys,
            this::ask);
  }

  @Override
  public String url() {
    return url;
  }

  KnownNode node() {
    return node;
  }

  @Override
  public void seekContact() {
    meeter.meet(node);
  }

  @Override
  public boolean isUsable() {
    return contact.isMade();
  }

  @Override
  public int queuedKeys() {
    return queue.size();
  }

  @Override
  public long toldChanges() {
    return node.sender().told();
  }

  @Override
  public long untoldChanges() {
    return node.sender().untold();
  }

  @Override
  public PeerTraffic traffic() {
    return node.traffic();
  }

  @Override
  public CompletableFuture<PeerValue> get(LocalGroup group, String key, Callers callers) {
    return ask(PendingKey.of(group, key, callers, ticker.nanos()));
  }

  /**
   * Asks the peer for a value from memory, even if it has left the view or missed changes. A value
   * that may be older than a removal which this node knows counts as none.
   *
   * @return completed with null if the peer has no value; fails with a {@link LinkFailure} if there
   *     is no answer
   */
  CompletableFuture<@Nullable PeerValue> peek(LocalGroup group, String key) {
    return ask(PendingKey.onlyIfCached(group, key, ticker.nanos()));
  }

  /** Stops peeks at the peer until it is met again: it is too slow for them, or gone. */
  void suspendPeeks(String why) {
    if (node.suspendPeeks()) {
      log.info(
          "{}",
          ControlCharacters.escape(
              url + " is not asked any more for the keys that it owned before: " + why));
    }
  }

  private CompletableFuture<@Nullable PeerValue> ask(PendingKey key) {
    enqueue(key);
    return key.answer;
  }

  private void enqueue(PendingKey key) {
    if (key.onlyIfCached && !node.mayBePeekedAt()) {
      key.noAnswer(LinkFailure.noContact(url));
    } else {
      queue.add(key);
    }
  }

  private void ask(List<PendingKey> batch, SendQueue.Turn turn) {
    LocalGroup group = batch.get(0).group;
    try {
      List<KeyRead> reads = batch.stream().map(key -> key.read(announced)).toList();
      ReadLink.Batch request =
          new ReadLink.Batch(
              group,
              reads,
              announced.required(), // After the reads: what they do not name any more is here.
              turn.mayPark(),
              fingerprint.getAsLong(),
              PendingKey.longest(group).plus(options.timeout()));
      batch.forEach(PendingKey::noteAsked);
      node.traffic().countRequest();
      if (link.read(request, new Answers(batch, turn))) {
        node.failures().succeed();
      } else {
        batch.forEach(key -> key.noteQueued(true));
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
        node.failures().succeed();
        if (why.isBehind()) {
          meeter.meetSoon(node); // Not at once: perhaps nobody can tell it what it misses.
        }
      } else {
        counters.failures.increment();
        node.traffic().countFailure();
        lastFailure = why.getMessage();
        if (node.failures().fail()) {
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
    private final RoundTrip roundTrip = RoundTrip.begin(node.traffic(), ticker);

    Answers(List<PendingKey> batch, SendQueue.Turn turn) {
      this.batch = batch;
      this.turn = turn;
    }

    /** What the peer knew before it read the values; null if it did not say. */
    private @Nullable VersionVector known;

    @Override
    public void begin(long by) throws LinkFailure {
      roundTrip.end();
      requireKnown(by);
    }

    @Override
    public void knows(VersionVector vector) {
      known = vector;
    }

    @Override
    public void restComesLater() {
      turn.park();
    }

    @Override
    public void value(int index, PeerValue value) {
      PendingKey key = batch.get(index);
      key.complete(key.onlyIfCached && !isAllowed(key) ? null : value);
    }

    private boolean isAllowed(PendingKey key) {
      return known != null && changes.allows(known, key.group.name(), key.key);
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
    public void pending(int index, long afterMillis, boolean queued) {
      batch.get(index).noteQueued(queued);
      askAgain(batch.get(index), afterMillis);
    }

    @Override
    public void refused(int index, LinkFailure why) {
      batch.get(index).noAnswer(why);
    }
  }

  /** Asks once more for a key that is loading at the peer. */
  private void askAgain(PendingKey key, long afterMillis) {
    if (key.isLate(ticker.nanos()) || key.isUnwanted()) {
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
    node.suspendPeeks();
    if (contact.isMade() && !isRetired()) { // Else this node or the peer has ended.
      log.info(
          "{}",
          ControlCharacters.escape(
              "lost contact with %s: %d requests in a row failed, the last: %s"
                  .formatted(url, KnownNode.FAILURES_TO_GIVE_UP, lastFailure)));
    }
    node.lose(LinkFailure.noContact(url));
    meeter.meetSoon(node);
    link.renewConnections();
  }

  private void requireKnown(long by) throws LinkFailure {
    boolean was = contact.isMade();
    if (!contact.isWith(by)) {
      if (was) {
        log.info(
            "{}",
            ControlCharacters.escape(
                "lost contact with " + url + ": another node answers there, as after a restart"));
      }
      node.lose(LinkFailure.noContact(url));
      meeter.meet(node);
      throw LinkFailure.refused(url + " is another node than before");
    }
  }

  boolean isRetired() {
    return queue.hasEnded();
  }

  @Override
  public void retire() {
    queue.end();
    queue.fail(LinkFailure.refused(url + " is not in the view any more")); // The peer did not fail.
  }
}
