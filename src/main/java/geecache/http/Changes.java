package geecache.http;

import geecache.ByteView;
import geecache.LocalGroup;
import geecache.NotReachedException;
import geecache.http.ClusterCodec.Change;
import geecache.http.PeerClient.Question;
import geecache.http.Reply.Status;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries changes to all nodes: this one, then the keys' owners, then everybody else at once, those
 * included whom only others know. Who does not acknowledge is named, and told when it is met again.
 * Go nodes know no changes: they are named always.
 *
 * <p>This node remembers the change before it looks who the others are: a node that joins meanwhile
 * is either seen here, or is told when it is met.
 */
final class Changes {
  private static final int LONGEST_ANSWER = 4 << 20;

  private final PeerLinks links;
  private final Supplier<View> view;
  private final AtomicLong numbers = new AtomicLong();

  Changes(PeerLinks links, Supplier<View> view) {
    this.links = links;
    this.view = view;
  }

  void removeAll(LocalGroup group, Collection<String> keys) throws NotReachedException {
    requireAllowed();
    List<String> distinct = new ArrayList<>(new LinkedHashSet<>(keys));
    Set<String> missed = new LinkedHashSet<>();
    int most = ClusterCodec.MOST_REMOVALS;
    for (int from = 0; from < distinct.size(); from += most) {
      List<String> some = distinct.subList(from, Math.min(distinct.size(), from + most));
      long told = links.removals().head();
      List<Removal> removed = some.stream().map(key -> removal(group, key)).toList();
      removed.forEach(links.removals()::announce);
      group.remove(some);
      removed.forEach(links.removals()::add);
      Change change = new Change(removed, null, -1);
      Set<String> owners = new HashSet<>();
      some.forEach(key -> addOwner(owners, key));
      missed.addAll(tellAll(group, change, owners, change, told, () -> {}));
    }
    String what =
        distinct.size() == 1 ? "the removal of a key" : "the removal of " + keys.size() + " keys";
    requireNone(missed, what + " of group " + group.name());
  }

  void clear(LocalGroup group) throws NotReachedException {
    requireAllowed();
    long told = links.removals().head();
    Removal removed = removal(group, null);
    links.removals().announce(removed);
    group.clear();
    links.removals().add(removed);
    Change change = new Change(List.of(removed), null, -1);
    requireNone(
        tellAll(group, change, Set.of(), change, told, () -> {}),
        "the clearing of group " + group.name());
  }

  /**
   * Sets a value. A read of this node's own may ask the owner between the removal here and the set
   * there, and so get what the source has: the key is removed once more when the owner has set it.
   */
  void set(LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive)
      throws NotReachedException {
    requireAllowed();
    long told = links.removals().head();
    ClusterPeer owner = view.get().owner(key);
    Removal removed = removal(group, key);
    links.removals().announce(removed);
    if (owner == null) {
      group.set(key, value, timeToLive);
    } else {
      group.remove(List.of(key));
    }
    links.removals().add(removed);
    Change set = new Change(List.of(removed), value.toByteArray(), millis(timeToLive));
    Change remove = new Change(List.of(removed), null, -1);
    Runnable afterOwner = owner == null ? () -> {} : () -> group.remove(List.of(key));
    Set<String> owners = owner instanceof HTTPPeer ? Set.of(owner.url()) : Set.of();
    requireNone(
        tellAll(group, set, owners, remove, told, afterOwner),
        "the setting of a key of group " + group.name());
  }

  /**
   * A time that is not zero is told as such, be it ever so short; any is told, be it ever so long.
   */
  private static long millis(@Nullable Duration timeToLive) {
    if (timeToLive == null) {
      return -1;
    }
    return timeToLive.isZero() ? 0 : Math.max(1, TimeUnit.MILLISECONDS.convert(timeToLive));
  }

  private void requireAllowed() {
    if (links.options().secrets().isEmpty() && !view.get().peers().isEmpty()) {
      throw new IllegalStateException(
          "changes need a secret where there are peers: set geecache.secret on all nodes");
    }
  }

  private Removal removal(LocalGroup group, @Nullable String key) {
    return new Removal(links.self(), numbers.incrementAndGet(), group.name(), key);
  }

  private void addOwner(Set<String> owners, String key) {
    ClusterPeer owner = view.get().owner(key);
    if (owner instanceof HTTPPeer) {
      owners.add(owner.url());
    }
  }

  private static void requireNone(Set<String> missed, String what) throws NotReachedException {
    if (!missed.isEmpty()) {
      throw new NotReachedException(what, missed);
    }
  }

  /** Tells {@code owners} first, then everybody else, and returns who missed it. */
  private Set<String> tellAll(
      LocalGroup group,
      Change toOwners,
      Set<String> owners,
      Change toOthers,
      long toldBefore,
      Runnable afterOwners) {
    Set<String> missed = new LinkedHashSet<>(view.get().goNodes()); // They know no changes.
    Set<String> known = new LinkedHashSet<>();
    Set<String> asked = new HashSet<>(missed);
    String self = view.get().self();
    if (self != null) {
      asked.add(self);
    }
    tell(group, toOwners, owners, toldBefore, known, missed);
    afterOwners.run();
    asked.addAll(owners);
    known.addAll(view.get().urls());
    while (!asked.containsAll(known)) {
      Set<String> next = new LinkedHashSet<>(known);
      next.removeAll(asked);
      tell(group, toOthers, next, toldBefore, known, missed);
      asked.addAll(next);
    }
    return missed;
  }

  private void tell(
      LocalGroup group,
      Change change,
      Collection<String> urls,
      long toldBefore,
      Set<String> known,
      Set<String> missed) {
    byte[] body = encoded(change);
    Map<String, CompletableFuture<List<String>>> answers = new LinkedHashMap<>();
    for (String url : urls) {
      CompletableFuture<List<String>> answer = new CompletableFuture<>();
      answers.put(url, answer);
      try {
        links.executor().execute(() -> tell(group, url, body, answer));
      } catch (RejectedExecutionException | OutOfMemoryError noThread) {
        answer.completeExceptionally(noThread);
      }
    }
    for (Map.Entry<String, CompletableFuture<List<String>>> answer : answers.entrySet()) {
      try {
        // A thread that was interrupted still hears of all: each answer has its own limit.
        known.addAll(answer.getValue().join());
      } catch (RuntimeException failure) {
        missed.add(answer.getKey());
        lose(answer.getKey(), toldBefore, String.valueOf(causeOf(failure).getMessage()));
      }
    }
  }

  /** Notes that a node missed what was removed after entry {@code toldBefore}: it has to be met. */
  private void lose(String url, long toldBefore, String why) {
    Contact contact = view.get().contact(url); // Also of a node that has left meanwhile.
    if (contact != null && contact.lose(toldBefore)) {
      links.log("lost contact with " + url + ", which did not acknowledge a change: " + why);
    }
    HTTPPeer peer = view.get().peer(url); // Looked for after that: it may have returned.
    if (peer != null) {
      links.meet(peer);
    }
  }

  private void tell(
      LocalGroup group, String url, byte[] body, CompletableFuture<List<String>> answer) {
    try {
      Question question =
          Question.post(
              URI.create(url),
              "/_cluster/change?group=" + group.name(),
              new String[0],
              ClusterCodec.CONTENT_TYPE,
              body,
              links.options().silence().multipliedBy(10));
      answer.complete(
          links
              .client()
              .ask(
                  question,
                  reply -> {
                    byte[] bytes = reply.bytes(LONGEST_ANSWER);
                    if (!reply.status().equals(Status.OK.token())) {
                      throw PeerFailure.refused(url + " refused a change: " + reply.status());
                    }
                    return ClusterCodec.readAcknowledgement(bytes).members();
                  }));
    } catch (IOException | RuntimeException | Error failure) {
      answer.completeExceptionally(failure);
    }
  }

  private static Throwable causeOf(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private static byte[] encoded(Change change) {
    try {
      return ClusterCodec.change(change);
    } catch (IOException impossible) {
      throw new AssertionError("arrays take all bytes", impossible);
    }
  }
}
