package geecache.cluster;

import geecache.LocalGroup;
import geecache.OverloadedException;
import geecache.internal.FairPlaces;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys that wait to be asked of one peer, and its senders: the threads that ask. Keys that come
 * while all senders are busy wait, and are sent together. There is no timer: a sender that has its
 * answer takes the keys that wait by then, one group after another. If an answer leaves some keys
 * for later, its sender's turn ends: another sender may begin while the rest is read. Safe for use
 * by many threads.
 */
final class SendQueue {
  /** Asks a peer for keys of one group, and gives each its outcome. Never throws. */
  interface KeySender {
    void send(List<PendingKey> batch, Turn turn);
  }

  private final String url;
  private final ClusterOptions options;
  private final Executor executor;
  private final PeerCounters counters;
  private final BooleanSupplier mayBeAsked;
  private final IntSupplier mostSenders;
  private final IntSupplier mostCallers;
  private final IntSupplier mostKeys;
  private final KeySender sender;

  /** The answers that stay open, of which no group takes all. */
  private final FairPlaces openAnswers;

  /** Guards the six fields below. No I/O and no action of a waiting caller runs under it. */
  private final Object lock = new Object();

  private final Map<LocalGroup, ArrayDeque<PendingKey>> waiting = new LinkedHashMap<>();
  private int waitingCount;
  private int senders;

  /** The threads of callers that send, except those whose answers have begun and stay open. */
  private int callers;

  private boolean ended;

  /** Written under {@code lock}. After a stale read without it, {@link #add} decides. */
  private volatile boolean open;

  /**
   * Makes an empty queue.
   *
   * @param url of the peer
   * @param open whether it takes keys from the start
   * @param mayBeAsked whether the peer may be asked, a second condition beside {@code open}; called
   *     under the lock: once it is false and {@link #fail} was called, no key is added
   * @param groups returns how many groups may ask
   * @param mostSenders the most senders at once
   * @param mostCallers the most threads of callers that send beside them
   * @param mostKeys the most keys that are sent together
   */
  SendQueue(
      String url,
      ClusterOptions options,
      Executor executor,
      PeerCounters counters,
      boolean open,
      BooleanSupplier mayBeAsked,
      IntSupplier groups,
      IntSupplier mostSenders,
      IntSupplier mostCallers,
      IntSupplier mostKeys,
      KeySender sender) {
    this.url = url;
    this.options = options;
    this.executor = executor;
    this.counters = counters;
    this.open = open;
    this.mayBeAsked = mayBeAsked;
    this.openAnswers = new FairPlaces(options.maxOpenAnswers(), groups);
    this.mostSenders = mostSenders;
    this.mostCallers = mostCallers;
    this.mostKeys = mostKeys;
    this.sender = sender;
  }

  boolean isOpen() {
    return open;
  }

  /** Takes keys from now on, unless the queue has ended. */
  void open() {
    synchronized (lock) {
      open = !ended;
    }
  }

  /**
   * Refuses keys until it is opened again, except {@link PendingKey#isOnlyIfCached} ones. The
   * caller calls {@link #fail} next, for the keys that were added before.
   *
   * @return false if it was closed before
   */
  boolean close() {
    synchronized (lock) {
      boolean was = open;
      open = false;
      return was;
    }
  }

  /** As {@link #close}, for good. */
  void end() {
    synchronized (lock) {
      ended = true;
      open = false;
    }
  }

  boolean hasEnded() {
    synchronized (lock) {
      return ended;
    }
  }

  /** Whether a sender waits for an answer. */
  boolean isSending() {
    synchronized (lock) {
      return senders + callers > 0;
    }
  }

  /** Returns how many keys wait. */
  int size() {
    synchronized (lock) {
      return waitingCount;
    }
  }

  /** Queues {@code key}, or fails it at once. */
  void add(PendingKey key) {
    add(List.of(key));
  }

  /** Queues keys of one kind and group, or fails those at once for which there is no room. */
  void add(List<PendingKey> keys) {
    PendingKey first = keys.get(0);
    boolean refused;
    int added;
    int begun = 0;
    synchronized (lock) {
      refused = !first.isOnlyIfCached() && !mayBeAsked();
      added = refused ? 0 : Math.min(keys.size(), options.maxQueuedKeys() - waitingCount);
      if (added > 0) {
        ArrayDeque<PendingKey> ofGroup = waiting.get(first.group);
        if (ofGroup == null) { // Put there once it has the keys: no memory may be left for them.
          waiting.put(first.group, new ArrayDeque<>(keys.subList(0, added)));
        } else {
          ofGroup.addAll(keys.subList(0, added));
        }
        waitingCount += added;
        int most = mostKeys.getAsInt();
        while (begun * most < added && takeTurn()) {
          begun++;
        }
      }
    }
    if (refused) {
      LinkFailure noContact = LinkFailure.noContact(url);
      keys.forEach(key -> key.noAnswer(noContact));
      return;
    }
    if (added < keys.size()) {
      refuse(keys.subList(added, keys.size()));
    }
    for (int i = 0; i < begun; i++) {
      startSender();
    }
  }

  /** Call this under the lock. */
  private boolean mayBeAsked() {
    return open && mayBeAsked.getAsBoolean();
  }

  private void refuse(List<PendingKey> keys) {
    counters.refused.add(keys.size());
    OverloadedException full =
        new OverloadedException(
            "overloaded: %d keys are waiting to be asked of one node"
                .formatted(options.maxQueuedKeys()));
    keys.forEach(key -> key.fail(full));
  }

  /**
   * Sends keys of one group on this thread by {@code own}, if so many may be sent together and not
   * too many threads of callers do the same.
   *
   * @return false if not; then nothing was done
   */
  boolean sendHere(List<PendingKey> keys, KeySender own) {
    Turn turn = new Turn(keys.get(0).group.name(), true);
    if (!takeCallersTurn(keys.size())) {
      return false;
    }
    try {
      own.send(keys, turn);
    } finally {
      turn.end();
    }
    return true;
  }

  private boolean takeCallersTurn(int keys) {
    synchronized (lock) {
      boolean free =
          mayBeAsked() && keys <= mostKeys.getAsInt() && callers < mostCallers.getAsInt();
      callers += free ? 1 : 0;
      return free;
    }
  }

  /** Fails all waiting keys. */
  void fail(LinkFailure why) {
    List<PendingKey> all = new ArrayList<>();
    synchronized (lock) {
      waiting.values().forEach(all::addAll);
      waiting.clear();
      waitingCount = 0;
    }
    all.forEach(key -> key.noAnswer(why));
  }

  /** Call this under the lock. If it returns true, the caller must start a sender. */
  private boolean takeTurn() {
    if (senders >= mostSenders.getAsInt()) {
      return false;
    }
    senders++;
    return true;
  }

  private void startSender() {
    try {
      executor.execute(this::send);
    } catch (RejectedExecutionException | OutOfMemoryError noThread) {
      synchronized (lock) {
        senders--;
      }
      fail(LinkFailure.silent("the node is closed, or has no thread", noThread));
    }
  }

  /** Runs on a thread of its own until no key waits, or its turn has ended. */
  private void send() {
    for (List<PendingKey> batch = take(); batch != null; batch = take()) {
      Turn turn = new Turn(batch.get(0).group.name(), false);
      boolean sent = false;
      try {
        sender.send(batch, turn);
        sent = true;
      } finally {
        if (turn.parked || !sent) {
          turn.end();
        }
      }
      if (turn.parked) {
        return;
      }
    }
  }

  private @Nullable List<PendingKey> take() {
    synchronized (lock) {
      Iterator<Map.Entry<LocalGroup, ArrayDeque<PendingKey>>> groups =
          waiting.entrySet().iterator();
      if (!groups.hasNext()) {
        senders--;
        return null;
      }
      Map.Entry<LocalGroup, ArrayDeque<PendingKey>> first = groups.next();
      groups.remove();
      List<PendingKey> batch = new ArrayList<>();
      ArrayDeque<PendingKey> ofGroup = first.getValue();
      int most = mostKeys.getAsInt();
      while (batch.size() < most && !ofGroup.isEmpty()) {
        batch.add(ofGroup.remove());
      }
      waitingCount -= batch.size();
      if (!ofGroup.isEmpty()) {
        waiting.put(first.getKey(), ofGroup); // Behind the other groups.
      }
      return batch;
    }
  }

  /** A thread's right to send. Used by that thread alone. */
  final class Turn {
    private final String group;
    private final boolean ofCaller;
    private boolean parked;

    private Turn(String group, boolean ofCaller) {
      this.group = group;
      this.ofCaller = ofCaller;
    }

    /** Whether the answer may stay open for keys that are loading. */
    boolean mayPark() {
      return openAnswers.hasRoomFor(group);
    }

    /** Notes that the rest of the answer comes later: another sender may begin. */
    void park() {
      openAnswers.take(group);
      parked = true;
      giveBack();
    }

    private void end() {
      if (parked) {
        openAnswers.giveBack(group);
      } else {
        giveBack();
      }
    }

    private void giveBack() {
      boolean send;
      synchronized (lock) {
        if (ofCaller) {
          callers--;
        } else {
          senders--;
        }
        send = waitingCount > 0 && takeTurn();
      }
      if (send) {
        startSender();
      }
    }
  }
}
