package geecache.http;

import dev.failsafe.CircuitBreaker;
import geecache.LocalGroup;
import geecache.PeerValue;
import geecache.http.ClusterCodec.Standing;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Another node, asked over HTTP: for many keys in one request, or one at a time. Keys that are
 * wanted while requests are under way wait in a {@link SendQueue}, and leave together in the next
 * one.
 *
 * <p>A peer that fails often trips its breaker. From then on, and until it was met again, it is not
 * asked, and what waits for it is told so at once.
 */
final class HTTPPeer implements ClusterPeer {
  /** Two: while the answer to one request is read and handed out, the peer works on the other. */
  private static final int BATCH_SENDERS = 2;

  private static final int MOST_KEYS = 256;
  private static final int FAILURES_TO_OPEN = 3;

  private final String url;
  private final URI base;
  private final PeerLinks links;
  private final Contact contact;
  private final SendQueue queue;
  private final CircuitBreaker<Object> breaker;
  private final BatchQuestion batches;
  private final KeyQuestion singles;

  /** The request in which it told of itself last; guarded by this. */
  private @Nullable PeerMark heard;

  /**
   * Whether the peer is asked for one key at a time; written by senders, a late reader asks twice.
   */
  private volatile boolean oneByOne;

  /**
   * Whether it is not asked any more for what it owned until lately; by any thread, until it is
   * met.
   */
  private volatile boolean tooSlowForPeeks;

  /** Done when it was met for the first time, or that was tried in vain. */
  private final CompletableFuture<Void> metOrNot = new CompletableFuture<>();

  /** What it said of itself when it was met last, and when that was; written by who met it. */
  private volatile @Nullable Told told;

  private record Told(Standing standing, long at) {}

  /** Why the last request failed; written by senders, for the log. */
  private volatile @Nullable String lastFailure;

  /**
   * Makes a peer that is to be met.
   *
   * @param url its base URL, normalised
   * @param contact a new one, or that of its former stay in the view
   */
  HTTPPeer(String url, PeerLinks links, Contact contact) {
    this.url = url;
    this.contact = contact;
    this.base = URI.create(url);
    this.links = links;
    this.batches = new BatchQuestion(this, links);
    this.singles = new KeyQuestion(this, links);
    this.queue =
        new SendQueue(
            url, links, true, contact::isMade, this::mostSenders, this::mostKeys, this::ask);
    this.oneByOne = links.options().requests() == PeerOptions.Requests.GET;
    this.breaker =
        CircuitBreaker.builder()
            .withFailureThreshold(FAILURES_TO_OPEN)
            .onOpen(event -> open())
            .build();
  }

  @Override
  public String url() {
    return url;
  }

  URI base() {
    return base;
  }

  Contact contact() {
    return contact;
  }

  @Override
  public void seekContact() {
    links.meet(this);
  }

  @Override
  public boolean isUsable() {
    return contact.isMade();
  }

  @Override
  public CompletableFuture<PeerValue> get(LocalGroup group, String key) {
    return ask(new Wanted(group, key));
  }

  /**
   * Asks for what it has in memory, be it that it has left the view or missed removals: the
   * question names those.
   *
   * @return null if it has nothing; fails with a {@link PeerFailure} if there is no answer
   */
  CompletableFuture<@Nullable PeerValue> peek(LocalGroup group, String key) {
    return ask(new Wanted(group, key, true));
  }

  /** Whether it was met, did not fail since, and all removals that it may have missed are known. */
  boolean mayBePeekedAt() {
    return !tooSlowForPeeks
        && contact.node() != 0
        && (contact.isMade() || links.removals().reachesBackTo(contact.attempt().toldUpTo()));
  }

  /** Notes that it is too slow, or gone, for questions that a load waits for. */
  void peekNoMore(String why) {
    if (!tooSlowForPeeks) {
      tooSlowForPeeks = true;
      links.log(url + " is not asked any more for what it owned until lately: " + why);
    }
  }

  /** Returns what is done when it was met for the first time, or that was tried in vain. */
  CompletableFuture<Void> metOrNot() {
    return metOrNot;
  }

  /** Notes that it was met in vain. */
  void isNotThere() {
    metOrNot.complete(null);
  }

  /** Notes what it said of itself. */
  void tells(Standing standing) {
    told = new Told(standing, System.nanoTime());
  }

  /**
   * Notes a request in which it tells of itself. Interleaving: it says that it leaves, which comes
   * late; it stays, and says so; the first comes. (Test: {@code
   * whatANodeSaidEarlierAndComesLaterDoesNotCount})
   *
   * @return false if the same node has sent a later one, which came before
   */
  synchronized boolean hears(PeerMark mark) {
    if (heard != null && heard.node() == mark.node() && heard.number() > mark.number()) {
      return false;
    }
    heard = mark;
    return true;
  }

  /** Whether it held nothing when it was met last. */
  boolean wasEmpty() {
    Told last = told;
    return last != null && last.standing().warmMillis() < 0;
  }

  /** Whether it had joined less than so many nanoseconds ago when it was met last, or since. */
  boolean isNew(long nanos) {
    Told last = told;
    return last != null
        && TimeUnit.MILLISECONDS.toNanos(Math.max(0, last.standing().warmMillis()))
                + (System.nanoTime() - last.at())
            < nanos;
  }

  private CompletableFuture<@Nullable PeerValue> ask(Wanted wanted) {
    enqueue(wanted);
    return wanted.answer;
  }

  private void enqueue(Wanted wanted) {
    if (wanted.onlyIfCached && !mayBePeekedAt()) {
      wanted.isNowhere(PeerFailure.noContact(url));
    } else {
      queue.add(wanted);
    }
  }

  private int mostSenders() {
    return oneByOne ? links.options().connections() : BATCH_SENDERS;
  }

  private int mostKeys() {
    return oneByOne ? 1 : MOST_KEYS;
  }

  private void ask(List<Wanted> batch, SendQueue.Turn turn) {
    boolean single = oneByOne;
    if (single && batch.size() > 1) { // It was found out since these were taken.
      batch.forEach(this::enqueue);
      return;
    }
    try {
      if (single) {
        singles.ask(batch.get(0));
      } else if (!batches.ask(batch, turn)) {
        oneByOne = true;
        links.log(url + " takes no batches of version 1, and is asked for one key at a time");
        batch.forEach(this::enqueue);
        return;
      }
      breaker.recordSuccess();
    } catch (IOException | RuntimeException | Error failure) {
      fail(batch, PeerFailure.of(url, failure));
    }
  }

  private void fail(List<Wanted> batch, PeerFailure why) {
    if (why.isUnasked()) {
      links.counters().refused.add(batch.size());
      batch.forEach(Wanted::isUnasked);
      return;
    }
    if (why.isAlive()) {
      breaker.recordSuccess();
    } else {
      links.counters().failures.increment();
      lastFailure = why.getMessage();
      breaker.recordFailure();
      queue.fail(why); // They have waited for the same peer for as long.
    }
    batch.forEach(wanted -> wanted.isNowhere(why));
  }

  /** Asks once more for a key that is loading at the peer, in {@code millis}. */
  void askAgain(Wanted wanted, long millis) {
    if (wanted.isLate()) {
      wanted.isGivenUp();
      return;
    }
    try {
      links.timer().schedule(() -> enqueue(wanted), millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closed) {
      wanted.isNowhere(PeerFailure.silent("the node is closed", closed));
    }
  }

  /**
   * The breaker has opened: the peer is left alone for a moment, and then met again, over a new
   * connection, since others may be as bad as those that failed.
   */
  private void open() {
    tooSlowForPeeks = true;
    links.client().closeIdle();
    if (contact.lose(links.removals().head()) && !isRetired()) { // Else it is our own end, or its.
      links.log(
          "%s failed %d times in a row, at last: %s; it is not asked until it answers a meeting"
              .formatted(url, FAILURES_TO_OPEN, lastFailure));
    }
    links.meetSoon(this);
  }

  /** Whether {@code reply} is from the node that was met here. */
  void requireKnown(PeerReply reply) throws PeerFailure {
    boolean was = contact.isMade();
    if (!contact.isWith(reply.node())) {
      if (was) {
        links.log(url + " is another node than before, and is met before it is asked again");
      }
      links.meet(this);
      throw PeerFailure.refused(url + " is another node than before");
    }
  }

  /** Notes that it was met, and may be asked. */
  void welcome() {
    breaker.close();
    tooSlowForPeeks = false;
    metOrNot.complete(null);
    oneByOne = links.options().requests() == PeerOptions.Requests.GET;
  }

  boolean isRetired() {
    return queue.hasEnded();
  }

  @Override
  public void retire() {
    queue.end();
    metOrNot.complete(null);
    queue.fail(PeerFailure.refused(url + " is not in the view any more")); // It did not fail.
  }
}
