package geecache.cluster;

import geecache.CacheException;
import geecache.LocalGroup;
import geecache.PeerValue;
import geecache.Ticker;
import geecache.internal.ControlCharacters;
import geecache.internal.PeriodicTask;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node of golang/groupcache, as this node sees it. A Go node cannot be told of removals, so it is
 * not met: it is in contact while it answers.
 *
 * <p>A Go node is silent while it loads a key. This node probes it if it was silent for a while
 * although an answer is due, and while it is out of contact. Only a probe makes contact.
 */
final class GoPeer implements ClusterPeer {
  private static final Logger log = LoggerFactory.getLogger(GoPeer.class);
  private static final int FAILURES_TO_GIVE_UP = 3;

  private final String url;
  private final GoNodeLink link;
  private final ClusterRuntime runtime;
  private final Ticker ticker;
  private final PeerCounters counters;
  private final LongSupplier fingerprint;
  private final ClusterOptions options;
  private final SendQueue queue;
  private final PeerTraffic traffic = new PeerTraffic();
  private final FailureStreak failures = new FailureStreak(FAILURES_TO_GIVE_UP);
  private final AtomicBoolean probing = new AtomicBoolean();

  /** Set once, when contact is first sought. */
  private volatile @Nullable Future<?> watch;

  /** When the node gave its last sign of life, by the ticker. A stale read costs a probe. */
  private volatile long lastHeard;

  private final Troubles troubles;

  GoPeer(
      String url,
      GoNodeLink link,
      ClusterRuntime runtime,
      PeerCounters counters,
      LongSupplier fingerprint,
      ClusterOptions options,
      Troubles troubles) {
    this.troubles = troubles;
    this.url = url;
    this.link = link;
    this.runtime = runtime;
    this.ticker = runtime.ticker();
    this.counters = counters;
    this.fingerprint = fingerprint;
    this.options = options;
    this.lastHeard = ticker.nanos();
    this.queue =
        new SendQueue(
            url,
            options,
            runtime.executor(),
            counters,
            false,
            () -> true,
            () -> 1,
            link::maxReads,
            () -> 0,
            link::maxKeys,
            (batch, turn) -> ask(batch.get(0)));
  }

  @Override
  public String url() {
    return url;
  }

  @Override
  public boolean isGoNode() {
    return true;
  }

  @Override
  public boolean isUsable() {
    return queue.isOpen();
  }

  @Override
  public int queuedKeys() {
    return queue.size();
  }

  @Override
  public PeerTraffic traffic() {
    return traffic;
  }

  @Override
  public void seekContact() {
    long timeout = options.timeout().toMillis();
    try {
      watch =
          runtime
              .timer()
              .scheduleWithFixedDelay(
                  new PeriodicTask("watching " + url, this::watch),
                  0,
                  timeout,
                  TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closed) {
      queue.end();
    }
  }

  @Override
  public void ask(LocalGroup group, Question question) {
    PendingKey key = new PendingKey(group, question, ticker.nanos());
    key.noteQueued(true);
    queue.add(key);
  }

  private void ask(PendingKey key) {
    if (key.isLate(ticker.nanos())) {
      key.giveUp();
      return;
    }
    try {
      ReadLink.Batch request =
          new ReadLink.Batch(
              key.group,
              List.of(new KeyRead(key.key, List.of(), false)),
              VersionVector.EMPTY,
              false,
              fingerprint.getAsLong(),
              PendingKey.longest(key.group));
      key.noteAsked();
      traffic.countRequest();
      link.read(request, new Answer(key, RoundTrip.begin(traffic, ticker)));
      lastHeard = ticker.nanos();
      failures.succeed();
    } catch (IOException | RuntimeException | Error failure) {
      fail(key, LinkFailure.of(url, failure));
    }
  }

  private void fail(PendingKey key, LinkFailure why) {
    if (why.isUnasked()) {
      counters.refused.increment();
      key.failUnasked();
    } else if (why.isAlive()) {
      lastHeard = ticker.nanos();
      failures.succeed();
      key.noAnswer(why);
    } else if (key.isLate(ticker.nanos()) && queue.isOpen()) {
      key.giveUp();
    } else {
      counters.failures.increment();
      traffic.countFailure();
      try {
        if (failures.fail()) {
          lose(FAILURES_TO_GIVE_UP + " requests in a row failed");
        }
      } finally { // Even if a link or a log throws, the key does not wait for ever.
        key.noAnswer(why);
      }
    }
  }

  /** Gives one key its outcome. A Go node answers with a value or a failure only. */
  private record Answer(PendingKey key, RoundTrip roundTrip) implements ReadLink.Answers {
    @Override
    public void begin(long node) {
      roundTrip.end();
    }

    @Override
    public void knows(VersionVector known) {}

    @Override
    public void restComesLater() {}

    @Override
    public void value(int index, PeerValue value) {
      key.complete(value);
    }

    @Override
    public void failure(int index, CacheException failure) {
      key.fail(failure);
    }

    @Override
    public void notCached(int index) {}

    @Override
    public void pending(int index, long afterMillis, boolean queued) {}

    @Override
    public void refused(int index, LinkFailure why) {
      key.noAnswer(why);
    }
  }

  /** Runs on the timer, once in each time that the node may be silent. */
  private void watch() {
    boolean silent = ticker.nanos() - lastHeard > options.timeout().toNanos();
    if ((!queue.isOpen() || (silent && queue.isSending())) && probing.compareAndSet(false, true)) {
      try {
        runtime.executor().execute(this::probe);
      } catch (RejectedExecutionException | OutOfMemoryError noThread) {
        probing.set(false);
      }
    }
  }

  private void probe() {
    try {
      link.probe();
      lastHeard = ticker.nanos();
      if (!queue.isOpen()) {
        failures.reset();
        queue.open();
        troubles.end(Troubles.Kind.NO_CONTACT, url);
        log.info("{}", ControlCharacters.escape("in contact with " + url + ", a Go node"));
      }
    } catch (IOException | RuntimeException | Error failure) {
      String why =
          String.valueOf(
              failure instanceof LinkFailure ? failure.getMessage() : failure.toString());
      if (queue.isOpen()) {
        lose(why);
      } else {
        Optional<Duration> lasted =
            troubles.note(Troubles.Kind.NO_CONTACT, url, Troubles.TRANSITION, ticker.nanos());
        if (lasted.isPresent()) {
          log.warn(
              "no contact with {}, a Go node, for {} s: {}",
              ControlCharacters.escape(url),
              lasted.get().toSeconds(),
              ControlCharacters.escape(why));
        }
      }
    } finally {
      probing.set(false);
    }
  }

  /** Stops asking the node until it answers a probe. Keys that wait for it fail. */
  private void lose(String why) {
    if (!queue.close()) {
      return; // Contact was lost before, and the waiting keys failed then.
    }
    log.info("{}", ControlCharacters.escape("lost contact with " + url + ", a Go node: " + why));
    link.giveUp();
    link.renewConnections(); // The next probe needs a new connection.
    queue.fail(LinkFailure.silent("lost contact with " + url, null));
  }

  /** A Go node knows no versions. */
  @Override
  public boolean lacks(GroupVersion group) {
    return !group.version().isEmpty();
  }

  @Override
  public void retire() {
    queue.end();
    Future<?> begun = watch;
    if (begun != null) {
      begun.cancel(false);
    }
    queue.fail(LinkFailure.silent(url + " is not in the view any more", null));
  }
}
