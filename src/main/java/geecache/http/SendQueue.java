package geecache.http;

import geecache.LocalGroup;
import geecache.OverloadedException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys that wait to be asked of one peer, and its senders. Keys that are wanted while all
 * senders are busy wait, and leave together. Whoever sends a request is a sender; there are so many
 * at most, and no timer: a sender that has its answer takes what waits by then, a group's after
 * another's. An answer that leaves some keys for later ends its sender's turn, and is read on
 * beside it. Safe for use by many threads.
 */
final class SendQueue {
  /** Asks a peer for keys of one group, and tells each how that ended. Never throws. */
  interface Sender {
    void send(List<Wanted> batch, Turn turn);
  }

  private final String url;
  private final PeerLinks links;
  private final BooleanSupplier mayBeAsked;
  private final IntSupplier mostSenders;
  private final IntSupplier mostKeys;
  private final Sender sender;

  /** Guards the six below. No I/O runs under it, and no action of who waits. */
  private final Object lock = new Object();

  private final Map<LocalGroup, ArrayDeque<Wanted>> waiting = new LinkedHashMap<>();
  private int waitingCount;
  private int senders;
  private int parked;
  private boolean ended;

  /** Written under {@code lock}; who reads it without finds out when it adds. */
  private volatile boolean open;

  /**
   * Makes an empty queue.
   *
   * @param url of the peer
   * @param open whether it takes anything yet
   * @param mayBeAsked what has to hold besides; asked under the lock, so that nothing is added
   *     after a {@link #fail} that followed its becoming false
   * @param mostSenders how many may send at once
   * @param mostKeys how many keys leave together
   */
  SendQueue(
      String url,
      PeerLinks links,
      boolean open,
      BooleanSupplier mayBeAsked,
      IntSupplier mostSenders,
      IntSupplier mostKeys,
      Sender sender) {
    this.url = url;
    this.links = links;
    this.open = open;
    this.mayBeAsked = mayBeAsked;
    this.mostSenders = mostSenders;
    this.mostKeys = mostKeys;
    this.sender = sender;
  }

  boolean isOpen() {
    return open;
  }

  /** Takes what comes from now on, unless it has ended. */
  void open() {
    synchronized (lock) {
      open = !ended;
    }
  }

  /**
   * Takes nothing that is not {@link Wanted#onlyIfCached}, until it is opened. Who was added before
   * is told by {@link #fail}, which is to follow; who comes later is refused.
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

  /** Has the peer asked for {@code wanted}, or tells it why not. */
  void add(Wanted wanted) {
    boolean refused = false;
    boolean full = false;
    boolean send = false;
    synchronized (lock) {
      if (!wanted.onlyIfCached && !(open && mayBeAsked.getAsBoolean())) {
        refused = true;
      } else if (waitingCount >= links.options().waiting()) {
        full = true;
      } else {
        waiting.computeIfAbsent(wanted.group, group -> new ArrayDeque<>()).add(wanted);
        waitingCount++;
        send = takeTurn();
      }
    }
    if (refused) {
      wanted.isNowhere(PeerFailure.noContact(url));
    } else if (full) {
      links.counters().refused.increment();
      wanted.fails(
          new OverloadedException(
              "overloaded: %d keys are waiting to be asked of one node"
                  .formatted(links.options().waiting())));
    } else if (send) {
      startSender();
    }
  }

  /** Tells all that wait that they are not asked for. */
  void fail(PeerFailure why) {
    List<Wanted> all = new ArrayList<>();
    synchronized (lock) {
      waiting.values().forEach(all::addAll);
      waiting.clear();
      waitingCount = 0;
    }
    all.forEach(wanted -> wanted.isNowhere(why));
  }

  /** To be called under the lock; whoever gets true has to start a sender. */
  private boolean takeTurn() {
    if (senders >= mostSenders.getAsInt()) {
      return false;
    }
    senders++;
    return true;
  }

  private void startSender() {
    try {
      links.executor().execute(this::send);
    } catch (RejectedExecutionException | OutOfMemoryError noThread) {
      synchronized (lock) {
        senders--;
      }
      fail(PeerFailure.silent("the node is closed, or has no thread", noThread));
    }
  }

  /** Runs on a thread of its own until nothing waits, or its turn went to another sender. */
  private void send() {
    for (List<Wanted> batch = take(); batch != null; batch = take()) {
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

  private @Nullable List<Wanted> take() {
    synchronized (lock) {
      Iterator<Map.Entry<LocalGroup, ArrayDeque<Wanted>>> groups = waiting.entrySet().iterator();
      if (!groups.hasNext()) {
        senders--;
        return null;
      }
      Map.Entry<LocalGroup, ArrayDeque<Wanted>> first = groups.next();
      groups.remove();
      List<Wanted> batch = new ArrayList<>();
      ArrayDeque<Wanted> ofGroup = first.getValue();
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
        return parked < links.options().parked();
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
