package geecache.faults;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * When nodes were well, and links open, as far as the notes tell. What is done to a node is noted
 * before it is done, and what is undone after it: nobody was worse than this says.
 */
final class Times {
  /** Of what is not well. */
  static final long NEVER = Long.MAX_VALUE;

  /** By node or link: whether it is well from each time on. */
  private final Map<String, NavigableMap<Long, Boolean>> states = new HashMap<>();

  /** When the callers' process stood still. */
  private final List<Standstill> standstills = new ArrayList<>();

  private record Standstill(long begin, long end) {}

  private final Map<Integer, Boolean> up = new HashMap<>();
  private final Map<Integer, Boolean> paused = new HashMap<>();

  Times(List<Event.Note> notes) {
    notes.forEach(this::add);
  }

  private void add(Event.Note note) {
    String[] words = note.text().split(" ");
    switch (words[0]) {
      case "up", "down" -> node(up, words[1], words[0].equals("up"), note.begin());
      case "paused", "resumed" -> node(paused, words[1], words[0].equals("paused"), note.begin());
      case "cut", "joined" -> {
        for (int i = 1; i < words.length; i++) {
          // The last word of a cut says how.
          states(words[i]).put(note.begin(), words[0].equals("joined"));
        }
      }
      case "hid", "shown" -> {
        for (int i = 1; i < words.length; i++) {
          states(sight(words[i])).put(note.begin(), words[0].equals("shown"));
        }
      }
      case "stood" -> {
        long nanos = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(words[1]));
        standstills.add(new Standstill(note.begin(), note.begin() + nanos));
      }
      case "gone" -> states(end(Integer.parseInt(words[1]))).put(note.begin(), true);
      default -> {
        return; // For readers.
      }
    }
  }

  private void node(Map<Integer, Boolean> what, String node, boolean is, long at) {
    int number = Integer.parseInt(node);
    what.put(number, is);
    boolean well = up.getOrDefault(number, false) && !paused.getOrDefault(number, false);
    states(node).put(at, well);
    states(life(number)).put(at, up.getOrDefault(number, false));
  }

  private NavigableMap<Long, Boolean> states(String subject) {
    return states.computeIfAbsent(subject, s -> new TreeMap<>());
  }

  /**
   * Returns for how long the callers' process stood still between {@code begin} and {@code end}.
   */
  long stood(long begin, long end) {
    return standstills.stream()
        .mapToLong(still -> Math.min(end, still.end()) - Math.max(begin, still.begin()))
        .filter(nanos -> nanos > 0)
        .sum();
  }

  /** Whether {@code node} was up and unpaused from {@code begin} to {@code end}. */
  boolean well(int node, long begin, long end) {
    NavigableMap<Long, Boolean> states = states(String.valueOf(node));
    Map.Entry<Long, Boolean> before = states.floorEntry(begin);
    Long next = states.higherKey(begin);
    return before != null && before.getValue() && (next == null || next > end);
  }

  /** Whether {@code node} lived, paused or not, from {@code begin} to {@code end}. */
  boolean lived(int node, long begin, long end) {
    Map.Entry<Long, Boolean> before = states(life(node)).floorEntry(begin);
    return before != null && before.getValue() && !ended(node, begin, end);
  }

  /** Whether {@code node} ended, or its application did, at some time in between. */
  boolean ended(int node, long begin, long end) {
    return begin <= end && states(life(node)).subMap(begin, true, end, true).containsValue(false);
  }

  /** Whether what {@code node} was at {@code begin} had certainly ended by {@code end}. */
  boolean isGone(int node, long begin, long end) {
    return begin <= end && !states(end(node)).subMap(begin, true, end, true).isEmpty();
  }

  private static String end(int node) {
    return "end" + node;
  }

  private static String life(int node) {
    return "life" + node;
  }

  /**
   * Since when both have been well, the links between them open, and each on the list of the other;
   * {@link #NEVER} if not.
   */
  long inTouchSince(int one, int other, long at) {
    long since =
        Math.max(since(String.valueOf(one), at, false), since(String.valueOf(other), at, false));
    for (String link : List.of(link(one, other), link(other, one))) {
      since = Math.max(since, since(link, at, true));
      since = Math.max(since, since(sight(link), at, true));
    }
    return since;
  }

  /** Whether any other node was in touch with this one up to {@code at}, since its last start. */
  boolean isMet(int node, long at) {
    return up.keySet().stream().anyMatch(one -> one != node && haveMet(one, node, at));
  }

  private boolean haveMet(int one, int other, long at) {
    Map.Entry<Long, Boolean> down =
        states(life(other)).headMap(at, true).descendingMap().entrySet().stream()
            .filter(entry -> !entry.getValue())
            .findFirst()
            .orElse(null);
    Long started = down == null ? Long.valueOf(Long.MIN_VALUE) : down.getKey();
    return subjects(one, other)
        .flatMap(subject -> states(subject).subMap(started, false, at, true).keySet().stream())
        .anyMatch(moment -> inTouchSince(one, other, moment) != NEVER);
  }

  private static Stream<String> subjects(int one, int other) {
    Stream<String> nodes = Stream.of(String.valueOf(one), String.valueOf(other));
    Stream<String> links =
        Stream.of(link(one, other), link(other, one)).flatMap(link -> Stream.of(link, sight(link)));
    return Stream.concat(nodes, links);
  }

  /** Of the list of nodes of a link's first node: whether the second one is on it. */
  private static String sight(String link) {
    return "sight" + link;
  }

  static String link(int from, int to) {
    return from + ">" + to;
  }

  private long since(String subject, long at, boolean initially) {
    NavigableMap<Long, Boolean> states = states(subject);
    Map.Entry<Long, Boolean> last = states.floorEntry(at);
    if (last == null) {
      return initially ? Long.MIN_VALUE : NEVER;
    }
    return last.getValue() ? last.getKey() : NEVER;
  }
}
