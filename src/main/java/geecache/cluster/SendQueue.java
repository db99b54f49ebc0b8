package geecache.cluster;

import geecache.LocalGroup;
import geecache.OverloadedException;
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
 * while all senders are busy wait, and leave together. There is no timer: a sender that has its
 * answer takes the keys that wait by then, one group's after another's. An answer that leaves some
 * keys for later ends its sender's turn, and is read on beside the next one. Safe for use by many
 * threads.
 */
final class SendQueue {
  /** Asks a peer for keys of one group, and tells each how that ended. Never throws. */
  interface KeySender {
    void send(List<PendingKey> batch, Turn turn);
  }

  private final String url;
  private final ClusterOptions options;
  private final Executor executor;
  private final PeerCounters counters;
  private final BooleanSupplier mayBeAsked;
  private final IntSupplier mostSenders;
  private final IntSupplier mostKeys;
  private final KeySender sender;

  /** Guards the six below. No I/O runs under it, and no action of a caller that waits. */
  private final Object lock = new Object();

  private final Map<LocalGroup, ArrayDeque<PendingKey>> waiting = new LinkedHashMap<>();
  private int waitingCount;
  private int senders;
  private int parked;
  private boolean ended;

  /** Written under {@code lock}; a reader without it finds out when it adds. */
  private volatile boolean open;

  /**
   * Makes an empty queue.
   *
   * @param url of the peer
   * @param open whether it takes keys yet
   * @param mayBeAsked whether the peer may be asked besides; called under the lock, so that nothing
   *     is added after a {@link #fail} that followed its becoming false
   * @param mostSenders how many may send at once
   * @param mostKeys how many keys leave together
   */
  SendQueue(
      String url,
      ClusterOptions options,
      Executor executor,
      PeerCounters counters,
      boolean open,
      BooleanSupplier mayBeAsked,
      IntSupplier mostSenders,
      IntSupplier mostKeys,
      KeySender sender) {
    this.url = url;
    this.options = options;
    this.executor = executor;
    this.counters = counters;
    this.open = open;
    this.mayBeAsked = mayBeAsked;
    this.mostSenders = mostSenders;
    this.mostKeys = mostKeys;
    this.sender = sender;
  }

  boolean isOpen() {
    return open;
  }

  /** Takes keys from now on, unless it has ended. */
  void open() {
    synchronized (lock) {
      open = !ended;
    }
  }

  /**
   * Takes nothing that is not {@link PendingKey#onlyIfCached}, until it is opened. A key that was
   * added before is told by {@link #fail}, which is to follow; a later one is refused.
   *
   * @return false if that was so already
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

  /** Whether an answer is being waited for. */
  boolean isSending() {
    synchronized (lock) {
      return senders > 0;
    }
  }

  /** Has the peer asked for {@code key}, or tells it why not. */
  void add(PendingKey key) {
    boolean refused = false;
    boolean full = false;
    boolean send = false;
    synchronized (lock) {
      if (!key.onlyIfCached && !(open && mayBeAsked.getAsBoolean())) {
        refused = true;
      } else if (waitingCount >= options.maxQueuedKeys()) {
        full = true;
      } else {
        waiting.computeIfAbsent(key.group, group -> new ArrayDeque<>()).add(key);
        waitingCount++;
        send = takeTurn();
      }
    }
    if (refused) {
      key.noAnswer(LinkFailure.noContact(url));
    } else if (full) {
      counters.refused.increment();
      key.fail(
          new OverloadedException(
              "overloaded: %d keys are waiting to be asked of one node"
                  .formatted(options.maxQueuedKeys())));
    } else if (send) {
      startSender();
    }
  }

  /** Tells all that wait that they are not asked for. */
  void fail(LinkFailure why) {
    List<PendingKey> all = new ArrayList<>();
    synchronized (lock) {
      waiting.values().forEach(all::addAll);
      waiting.clear();
      waitingCount = 0;
    }
    all.forEach(key -> key.noAnswer(why));
  }

  /** To be called under the lock; a caller that gets true has to start a sender. */
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

  /** Runs on a thread of its own until nothing waits, or its turn went to another sender. */
  private void send() {
    for (List<PendingKey> batch = take(); batch != null; batch = take()) {
      Turn turn = new Turn();
      try {
        sender.send(batch, turn);
      } finally {
        if (turn.ended) {
          synchronized (lock) {
            parked--;
          }
        }
      }
      if (turn.ended) {
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

  /** A sender's right to take what waits. Used by its one thread. */
  final class Turn {
    private boolean ended;

    /** Whether the answer may stay open for keys that are loading. */
    boolean mayPark() {
      synchronized (lock) {
        return parked < options.maxOpenAnswers();
      }
    }

    /** Notes that the rest of the answer comes later: another sender may begin. */
    void park() {
      boolean send;
      synchronized (lock) {
        ended = true;
        parked++;
        senders--;
        send = waitingCount > 0 && takeTurn();
      }
      if (send) {
        startSender();
      }
    }
  }
}
