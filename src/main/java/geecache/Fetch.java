package geecache;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One question to a peer, under way. If no peer answers, its outcome is {@link
 * LoadOutcome#NO_PEER_ANSWERED}.
 */
final class Fetch extends Attempt {
  /**
   * The load that replaces this fetch if no peer answered; shared by all its waiters, so that a
   * load which failed at once is not begun again by each. It began no earlier than the gets that
   * wait. Guarded by the fetch.
   */
  @Nullable Flight load;

  /** The last moment at which a get gives up, by the waiting ticker. Guarded by the fetch. */
  private long end;

  /** How long the gets waited when a peer was last asked, in nanoseconds. Guarded by the fetch. */
  private long leftWhenAsked;

  /** The most peers that are asked one after the other. */
  private static final int MOST_PEERS = 8;

  /** How many peers were asked after the first one. Written by one thread after the other. */
  private int furtherPeers;

  /** Whether this was made by a get that can load the key: no such get joins any other fetch. */
  final boolean canLoad;

  /**
   * The load of this node's caller who has the lease, for {@link WaitGraph}; null for none. Written
   * before its loader runs; a late reader waits in a circle until its time is over.
   */
  volatile @Nullable Flight leased;

  /**
   * Done when it is known that what comes next may take long: the peer has said that the key is
   * being loaded, or a caller of this node has the lease. Guarded by the fetch; null if no get asks
   * for it.
   */
  private @Nullable CompletableFuture<Void> loading;

  /** Whether it is known that the key is being loaded. Guarded by the fetch. */
  private boolean isLoading;

  /** Makes the trace of the get that made this current. */
  final Supplier<Tracing.Scope> trace;

  private final Ticker waitTicker;

  /** The copy of the value that has come to its end; null if there was none. */
  final Entry.@Nullable Copy copy;

  /** The thread of a caller that reads the answer for all; null for none. Written by it. */
  private volatile @Nullable Thread reader;

  /** Where others are told then. Written before {@code reader}. */
  private @Nullable Executor elsewhere;

  /**
   * Whether the key waits to be asked for, or at the peer for a place. Written by the peer's
   * threads; a stale read tells a caller who gives up the less exact reason.
   */
  private volatile boolean queued;

  /** The peer that was asked last, and when it was asked first. */
  record AskedPeer(String url, long since) {}

  /**
   * Null before a peer was asked. Written by the thread that asks; a late reader asks once more.
   */
  private volatile @Nullable AskedPeer askedPeer;

  /**
   * Makes a fetch.
   *
   * @param former the entry in memory, which answers no get
   * @param canLoad whether the get that makes it can load the key
   * @param end when the get that makes it gives up
   * @param trace makes the trace of that get current
   */
  Fetch(
      String group,
      String key,
      long fence,
      @Nullable Entry former,
      boolean canLoad,
      Ticker waitTicker,
      long end,
      Supplier<Tracing.Scope> trace) {
    super(group, key, fence);
    this.canLoad = canLoad;
    this.copy = former instanceof Entry.Copy ended ? ended : null;
    this.waitTicker = waitTicker;
    this.end = end;
    this.trace = trace;
  }

  /** Notes that one more peer is to be asked; returns false if those before were enough. */
  boolean mayAskOneMore() {
    return ++furtherPeers < MOST_PEERS;
  }

  /** Returns how often the copy answered a get since a peer was last asked. */
  int takeCopyHits() {
    return copy == null ? 0 : copy.takeHits();
  }

  /** Notes a get that waits until {@code until}. */
  synchronized void extend(long until) {
    if (until - end > 0) {
      end = until;
    }
  }

  /** Whether gets wait longer from now on than the peer was told: one came that has more time. */
  boolean waitsLongerThanTold() {
    long now = waitTicker.nanos();
    synchronized (this) {
      return end - now > leftWhenAsked;
    }
  }

  /** Returns which peer was asked last; null if none was. */
  @Nullable AskedPeer askedPeer() {
    return askedPeer;
  }

  /** Notes that a peer is asked now, and told how long the gets wait that there are. */
  void noteAsked(String peer, long now) {
    AskedPeer before = askedPeer;
    if (before == null || !before.url().equals(peer)) {
      askedPeer = new AskedPeer(peer, now);
    }
    synchronized (this) {
      leftWhenAsked = Math.max(0, end - now);
    }
  }

  /** Returns how long the gets still wait that there are now. */
  Duration left() {
    long now = waitTicker.nanos();
    synchronized (this) {
      return Duration.ofNanos(Math.max(0, end - now));
    }
  }

  /**
   * Notes that this thread of a caller may read the answer. It is not to run the actions of other
   * callers: it may hold locks of the application, or have a transaction.
   */
  void readHere(Executor others) {
    elsewhere = others;
    reader = Thread.currentThread();
  }

  @Override
  void release(Runnable gets) {
    if (Thread.currentThread() == reader) {
      Objects.requireNonNull(elsewhere).execute(gets);
    } else {
      gets.run();
    }
  }

  /** Notes that the key is being loaded: by the peer, by another node, or by a caller here. */
  void noteLoading() {
    CompletableFuture<Void> told;
    synchronized (this) {
      isLoading = true;
      told = loading;
    }
    if (told != null) {
      told.complete(null);
    }
  }

  /** Returns what is done once {@link #noteLoading} was called. */
  synchronized CompletableFuture<Void> loading() {
    if (loading == null) {
      loading = isLoading ? CompletableFuture.completedFuture(null) : new CompletableFuture<>();
    }
    return loading;
  }

  void noteQueued(boolean waits) {
    queued = waits;
  }

  boolean isQueued() {
    return queued;
  }

  @Override
  boolean isStalled() {
    return askedPeer == null;
  }
}
