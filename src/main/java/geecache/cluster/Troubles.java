package geecache.cluster;

import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong between this node and others, and since when. A trouble is for the log once it has
 * lasted, since nodes start and lists of nodes change all the time, and then once a minute while it
 * lasts. Safe for use by many threads.
 */
final class Troubles {
  /** Longer than any membership takes to tell all nodes. */
  static final Duration TRANSITION = Duration.ofSeconds(10);

  /** The time from one line of the log to the next about the same trouble. */
  static final Duration AGAIN = Duration.ofMinutes(1);

  /** The time after which a trouble that was not noted again has passed, if nothing else tells. */
  private static final Duration FORGOTTEN = Duration.ofSeconds(30);

  /** The kinds of trouble. */
  enum Kind {
    /** A node cannot be met. */
    NO_CONTACT(1_000, false),

    /** No node at all can be met. */
    ALONE(1, true),

    /** A node has another list of nodes. */
    OTHER_LIST(1_000, false),

    /** A node has other groups. */
    OTHER_GROUPS(1_000, false),

    /** A node has the same list of nodes, and another ring. */
    OTHER_RING(1_000, true),

    /** A node that is not in the list meets this one. Anybody may claim to be one. */
    STRANGER(10, true);

    private final int most;
    private final boolean passes;

    /**
     * @param most the number of nodes that are remembered
     * @param passes whether the trouble is over if it is not noted again for a while
     */
    Kind(int most, boolean passes) {
      this.most = most;
      this.passes = passes;
    }
  }

  /** A trouble with a node, as it was noted first, last, and last told. */
  private record Noted(long first, long last, @Nullable Long told) {}

  /** By the URL of the node. Guarded by this. */
  private final Map<Kind, Map<String, Noted>> noted = new EnumMap<>(Kind.class);

  Troubles() {
    for (Kind kind : Kind.values()) {
      noted.put(kind, new HashMap<>());
    }
  }

  /**
   * Notes that there is a trouble.
   *
   * @param patience how long it has to last before it is told
   * @return how long it has lasted, if it is to be told now
   */
  synchronized Optional<Duration> note(Kind kind, String url, Duration patience, long now) {
    Map<String, Noted> some = ofKind(kind);
    Noted before = some.get(url);
    if (before == null || kind.passes && now - before.last > FORGOTTEN.toNanos()) {
      before = new Noted(now, now, null);
    }
    long lasted = now - before.first;
    boolean due =
        before.told == null ? lasted >= patience.toNanos() : now - before.told >= AGAIN.toNanos();
    if (some.containsKey(url) || hasRoom(kind, now)) {
      some.put(url, new Noted(before.first, now, due ? Long.valueOf(now) : before.told));
      return due ? Optional.of(Duration.ofNanos(lasted)) : Optional.empty();
    }
    return Optional.empty();
  }

  private boolean hasRoom(Kind kind, long now) {
    Map<String, Noted> some = ofKind(kind);
    if (kind.passes && some.size() == kind.most) {
      some.values().removeIf(each -> now - each.last > FORGOTTEN.toNanos());
    }
    return some.size() < kind.most;
  }

  /**
   * A trouble with a node that has not passed.
   *
   * @param url of the node; empty if it is one with all of them
   * @param lasted how long it has lasted
   */
  record Trouble(Kind kind, String url, Duration lasted) {}

  /** Returns so many troubles at most, those of one kind by URL. */
  synchronized List<Trouble> list(long now, int most) {
    return noted.entrySet().stream()
        .flatMap(ofKind -> list(ofKind.getKey(), ofKind.getValue(), now))
        .limit(most)
        .toList();
  }

  private static Stream<Trouble> list(Kind kind, Map<String, Noted> some, long now) {
    return some.entrySet().stream()
        .filter(each -> !kind.passes || now - each.getValue().last <= FORGOTTEN.toNanos())
        .sorted(Map.Entry.comparingByKey())
        .map(
            each ->
                new Trouble(kind, each.getKey(), Duration.ofNanos(now - each.getValue().first)));
  }

  /** Whether this trouble is noted. */
  synchronized boolean has(Kind kind, String url) {
    return ofKind(kind).containsKey(url);
  }

  /** Forgets a trouble: it is over. */
  synchronized void end(Kind kind, String url) {
    ofKind(kind).remove(url);
  }

  /** Forgets all troubles with a node that is not in the list any more. */
  synchronized void forget(String url) {
    noted.values().forEach(some -> some.remove(url));
  }

  /** Forgets what differs between nodes, because this node has a new list itself. */
  synchronized void forgetDifferences() {
    ofKind(Kind.OTHER_LIST).clear();
    ofKind(Kind.OTHER_GROUPS).clear();
    ofKind(Kind.OTHER_RING).clear();
    ofKind(Kind.STRANGER).clear();
  }

  private Map<String, Noted> ofKind(Kind kind) {
    return noted.getOrDefault(kind, Map.of());
  }
}
