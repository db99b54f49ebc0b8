package geecache.cluster;

import geecache.CacheException;
import geecache.LeaseEnd;
import geecache.LocalGroup;
import geecache.Peer;
import geecache.PeerValue;
import geecache.Ticker;
import geecache.internal.ControlCharacters;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
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

    /** Notes that the node with this id has no such group, or another version of its values. */
    void noteRefusal(KnownNode node, long by, GroupVersion group);
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
  private final LeaseSender leases;

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
    this.leases = new LeaseSender(url, link, options, runtime);
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
            link::maxReadsOfCallers,
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
  public boolean lacks(GroupVersion group) {
    return node.lacks(group);
  }

  @Override
  public long id() {
    return contact.node();
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
  public boolean givesLeases() {
    return options.changesAllowed() && node.knowsLeases();
  }

  @Override
  public void ask(LocalGroup group, Question question) {
    PendingKey key = new PendingKey(group, question, ticker.nanos());
    key.noteQueued(true);
    queue.add(key);
  }

  @Override
  public void askAll(LocalGroup group, List<? extends Question> questions) {
    enqueue(pending(group, questions));
  }

  @Override
  public void askAllHere(LocalGroup group, List<? extends Question> questions, Duration limit) {
    List<PendingKey> keys = pending(group, questions);
    boolean mayWait = limit.compareTo(Duration.ZERO) > 0 && !Thread.currentThread().isInterrupted();
    if (!mayWait || !queue.sendHere(keys, (batch, turn) -> askHere(batch, turn, limit))) {
      enqueue(keys);
    }
  }

  private List<PendingKey> pending(LocalGroup group, List<? extends Question> questions) {
    long now = ticker.nanos();
    List<PendingKey> keys = new ArrayList<>(questions.size());
    for (Question question : questions) {
      keys.add(new PendingKey(group, question, now));
    }
    return keys;
  }

  /** Has keys of callers, of which there is one at least, wait for a sender. */
  private void enqueue(List<PendingKey> keys) {
    keys.forEach(key -> key.noteQueued(true));
    queue.add(keys);
  }

  /**
   * Asks the peer for a value from memory, even if it has left the view or missed changes. A value
   * that may be older than a removal which this node knows counts as none.
   *
   * @return completed with null if the peer has no value; fails with a {@link LinkFailure} if there
   *     is no answer
   */
  CompletableFuture<@Nullable PeerValue> peek(LocalGroup group, String key) {
    CompletableFuture<@Nullable PeerValue> cached = new CompletableFuture<>();
    enqueue(PendingKey.onlyIfCached(group, key, cached, ticker.nanos()));
    return cached;
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

  private void enqueue(PendingKey key) {
    if (key.isOnlyIfCached() && !node.mayBePeekedAt()) {
      key.noAnswer(LinkFailure.noContact(url));
    } else {
      queue.add(key);
    }
  }

  private void ask(List<PendingKey> batch, SendQueue.Turn turn) {
    Answers answers = new Answers(batch, turn);
    try {
      read(answers, PendingKey.longest(batch.get(0).group).plus(options.timeout()));
    } catch (IOException | RuntimeException | Error failure) {
      fail(answers, LinkFailure.of(url, failure));
    }
  }

  /**
   * As {@link #ask(List, SendQueue.Turn)}, on the thread of a caller. If that gives up, or has no
   * stack or heap left, the peer has not failed: a sender asks for what is open. Others may have
   * joined it; and if the peer is dead, the sender finds out.
   */
  private void askHere(List<PendingKey> batch, SendQueue.Turn turn, Duration limit) {
    long end = ticker.nanos() + TimeUnit.NANOSECONDS.convert(limit);
    Answers answers = new Answers(batch, turn);
    try {
      Duration longest = PendingKey.longest(batch.get(0).group).plus(options.timeout());
      read(answers, limit.compareTo(longest) < 0 ? limit : longest);
    } catch (IOException | RuntimeException failure) {
      boolean gaveUp = Thread.currentThread().isInterrupted() || ticker.nanos() - end >= 0;
      if (gaveUp) {
        answers.handOnOpen();
      } else {
        fail(answers, LinkFailure.of(url, failure));
      }
    } catch (Error noStackOrHeap) {
      answers.handOnOpen();
    }
  }

  private void handOn(PendingKey key) {
    if (key.isUnwanted()) {
      key.giveUp();
    } else {
      key.noteQueuedAgain();
      enqueue(key);
    }
  }

  private void read(Answers answers, Duration limit) throws IOException {
    boolean mayLease = givesLeases();
    List<KeyRead> reads = new ArrayList<>(answers.batch.size());
    for (PendingKey key : answers.batch) {
      reads.add(key.read(announced, mayLease));
    }
    ReadLink.Batch request =
        new ReadLink.Batch(
            answers.batch.get(0).group,
            reads,
            announced.required(), // After the reads: what they do not name any more is here.
            answers.turn.mayPark(),
            fingerprint.getAsLong(),
            limit);
    answers.batch.forEach(PendingKey::noteAsked);
    node.traffic().countRequest();
    if (link.read(request, answers)) {
      node.failures().succeed();
    } else {
      answers.handOnOpen();
    }
  }

  private void fail(Answers answers, LinkFailure why) {
    List<PendingKey> batch = answers.open();
    if (why.isUnasked()) {
      counters.refused.add(batch.size());
      batch.forEach(PendingKey::failUnasked);
      return;
    }
    try {
      if (why.isAlive()) {
        node.failures().succeed();
        if (why.isNoSuchGroup()) { // Before the keys are told: they go to the next node.
          meeter.noteRefusal(node, answers.by, GroupVersion.of(answers.batch.get(0).group));
        }
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

  /** Gives each key of a batch its outcome, or hands it on. */
  private final class Answers implements ReadLink.Answers {
    private final List<PendingKey> batch;
    private final SendQueue.Turn turn;
    private final RoundTrip roundTrip = RoundTrip.begin(node.traffic(), ticker);

    /**
     * By index, whether the key was given its outcome, or handed on. Noted after it was, in case
     * that fails: to end a key twice does no harm.
     */
    private final boolean[] ended;

    /** The id of the node that answers; 0 before it does. */
    private long by;

    /** What the peer knew before it read the values; null if it did not say. */
    private @Nullable VersionVector known;

    Answers(List<PendingKey> batch, SendQueue.Turn turn) {
      this.batch = batch;
      this.turn = turn;
      this.ended = new boolean[batch.size()];
    }

    /** Returns the keys without an outcome. */
    List<PendingKey> open() {
      return IntStream.range(0, ended.length).filter(i -> !ended[i]).mapToObj(batch::get).toList();
    }

    /** Hands the keys without an outcome on. */
    void handOnOpen() {
      for (int i = 0; i < ended.length; i++) {
        if (!ended[i]) {
          handOn(batch.get(i));
          ended[i] = true;
        }
      }
    }

    @Override
    public void begin(long node) throws LinkFailure {
      roundTrip.end();
      requireKnown(node);
      by = node;
    }

    @Override
    public void knows(VersionVector vector) {
      known = vector;
    }

    @Override
    public void restComesLater() {
      turn.park();
      open().forEach(PendingKey::noteLoading);
    }

    @Override
    public void value(int index, PeerValue value) {
      PendingKey key = batch.get(index);
      if (key.isOnlyIfCached() && !isAllowed(key)) {
        key.completeEmpty();
      } else {
        key.complete(value);
      }
      ended[index] = true;
    }

    @Override
    public void leased(int index, long number) {
      Peer.Lease held = leases.hold(by, number);
      boolean given = false;
      try {
        batch.get(index).lease(held);
        given = true;
      } finally {
        if (!given) {
          held.end(LeaseEnd.givenBack());
        }
      }
      ended[index] = true;
    }

    private boolean isAllowed(PendingKey key) {
      return known != null && changes.allows(known, key.group.name(), key.key);
    }

    @Override
    public void failure(int index, CacheException failure) {
      batch.get(index).fail(failure);
      ended[index] = true;
    }

    @Override
    public void notCached(int index) {
      batch.get(index).completeEmpty();
      ended[index] = true;
    }

    @Override
    public void pending(int index, long afterMillis, boolean queued) {
      PendingKey key = batch.get(index);
      key.noteQueued(queued);
      key.noteLoading();
      askAgain(key, afterMillis);
      ended[index] = true;
    }

    @Override
    public void refused(int index, LinkFailure why) {
      batch.get(index).noAnswer(why);
      ended[index] = true;
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
    } catch (RejectedExecutionException | OutOfMemoryError noTimer) {
      key.noAnswer(LinkFailure.silent("the node is closed, or has no memory", noTimer));
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
