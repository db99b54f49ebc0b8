package geecache.cluster;

import geecache.LeaseEnd;
import geecache.Peer;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The leases of one other node that callers of this node hold. Tells that node twice a second, with
 * one message for all, that they live; and what came of them, many with one message while others
 * are under way. Safe for use by many threads.
 */
final class LeaseSender {
  /** How often the other node hears of leases that live: a lost word alone ends none. */
  private static final long BEAT_MILLIS = 500;

  /** It hears of a new one sooner: the lease may have been under way for long. */
  private static final long FIRST_BEAT_MILLIS = 100;

  /** A message with so many bytes of values gets no further one. */
  private static final long LONG_ENOUGH = 512 << 10;

  /** While one message with values is under way, another may leave. */
  private static final int MOST_SENDERS = 2;

  private final String url;
  private final NodeLink link;
  private final ClusterOptions options;
  private final ClusterRuntime runtime;

  /** Guards the fields below. No I/O and no action of a waiting caller runs under it. */
  private final Object lock = new Object();

  /** The leases that callers hold, by their numbers, with the ids of the nodes that gave them. */
  private final Map<Long, Long> held = new TreeMap<>();

  /** Those of {@link #held} of which the other node is being told the end: they live until then. */
  private final Set<Long> ending = new HashSet<>();

  private final ArrayDeque<Ending> endings = new ArrayDeque<>();
  private int senders;

  /** Whether the timer has a beat to run. */
  private boolean beats;

  private record Ending(
      long giver, LeaseNews.Ended ended, CompletableFuture<LeaseEnd.Taken> answer) {}

  LeaseSender(String url, NodeLink link, ClusterOptions options, ClusterRuntime runtime) {
    this.url = url;
    this.link = link;
    this.options = options;
    this.runtime = runtime;
  }

  /** Notes a lease that the node {@code giver} gave to a caller of this one. */
  Peer.Lease hold(long giver, long number) {
    synchronized (lock) {
      held.put(number, giver);
    }
    beatLater(FIRST_BEAT_MILLIS);
    return end -> end(giver, number, end);
  }

  /** Returns how many leases of the other node callers of this one hold. */
  int held() {
    synchronized (lock) {
      return held.size();
    }
  }

  private CompletableFuture<LeaseEnd.Taken> end(long giver, long number, LeaseEnd end) {
    CompletableFuture<LeaseEnd.Taken> answer = new CompletableFuture<>();
    boolean begin;
    synchronized (lock) {
      if (!Objects.equals(held.get(number), giver) || !ending.add(number)) {
        answer.complete(LeaseEnd.Taken.REFUSED);
        return answer;
      }
      endings.add(new Ending(giver, new LeaseNews.Ended(number, end), answer));
      begin = senders < MOST_SENDERS;
      senders += begin ? 1 : 0;
    }
    if (begin) {
      startSender();
    }
    return answer;
  }

  private void startSender() {
    try {
      runtime.executor().execute(this::send);
    } catch (RejectedExecutionException | OutOfMemoryError noThread) {
      List<Ending> failed;
      synchronized (lock) {
        senders--;
        failed = List.copyOf(endings);
        endings.clear();
      }
      fail(failed, LinkFailure.silent("the node is closed, or has no thread", noThread));
    }
  }

  private void fail(List<Ending> some, Throwable why) {
    forget(some);
    some.forEach(ended -> ended.answer().completeExceptionally(why));
  }

  private void forget(List<Ending> some) {
    synchronized (lock) {
      for (Ending one : some) {
        ending.remove(one.ended().number());
        held.remove(one.ended().number(), one.giver());
      }
    }
  }

  /** Runs on a thread of its own until nothing waits. If it dies, another one goes on. */
  private void send() {
    boolean over = false;
    try {
      sendAll();
      over = true;
    } finally {
      if (!over) {
        boolean more;
        synchronized (lock) {
          more = !endings.isEmpty();
          senders -= more ? 0 : 1;
        }
        if (more) {
          startSender();
        }
      }
    }
  }

  private void sendAll() {
    for (List<Ending> some = take(); some != null; some = take()) {
      try {
        List<LeaseEnd.Taken> taken = tell(some.get(0).giver(), List.of(), some);
        forget(some);
        for (int i = 0; i < some.size(); i++) {
          some.get(i).answer().complete(taken.get(i));
        }
      } catch (IOException | RuntimeException | Error failure) {
        fail(some, failure);
      }
    }
  }

  /** Returns what the next message tells; null if nothing waits, and this sender has ended. */
  private @Nullable List<Ending> take() {
    synchronized (lock) {
      if (endings.isEmpty()) {
        senders--;
        return null;
      }
      List<Ending> some = new ArrayList<>();
      long giver = endings.element().giver();
      long bytes = 0;
      while (!endings.isEmpty()
          && endings.element().giver() == giver
          && some.size() < LeaseNews.MOST_ENDED
          && bytes < LONG_ENOUGH) {
        Ending next = endings.remove();
        bytes += next.ended().messageBytes();
        some.add(next);
      }
      return some;
    }
  }

  private List<LeaseEnd.Taken> tell(long giver, List<Long> alive, List<Ending> ended)
      throws IOException {
    LeaseAnswer answer =
        link.leases(
            new LeaseNews(giver, alive, ended.stream().map(Ending::ended).toList()),
            options.timeout());
    if (answer.node() != giver || answer.taken().size() != ended.size()) {
      throw LinkFailure.refused(url + " gave an answer that cannot be right");
    }
    return answer.taken();
  }

  private void beatLater(long millis) {
    synchronized (lock) {
      if (beats || held.isEmpty()) {
        return;
      }
      beats = true;
    }
    try {
      runtime.timer().schedule(this::startBeat, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException | OutOfMemoryError noTimer) {
      synchronized (lock) {
        beats = false;
      }
    }
  }

  private void startBeat() {
    synchronized (lock) {
      beats = false;
    }
    beatLater(BEAT_MILLIS); // A message that takes long delays no other.
    try {
      runtime.executor().execute(this::beat);
    } catch (RejectedExecutionException | OutOfMemoryError noThread) {
      // The node is closed, or has no memory: its leases pass on.
    }
  }

  private void beat() {
    Map<Long, List<Long>> byGiver = new TreeMap<>();
    synchronized (lock) {
      held.forEach(
          (number, giver) -> byGiver.computeIfAbsent(giver, g -> new ArrayList<>()).add(number));
    }
    byGiver.forEach(this::beat);
  }

  private void beat(long giver, List<Long> numbers) {
    try {
      for (int from = 0; from < numbers.size(); from += LeaseNews.MOST_ALIVE) {
        int to = Math.min(numbers.size(), from + LeaseNews.MOST_ALIVE);
        tell(giver, numbers.subList(from, to), List.of());
      }
    } catch (IOException unheard) {
      // The next beat tells again.
    }
  }
}
