package geecache.faults;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A line of the journal. All times are of one clock, that of the callers' process, in nanoseconds.
 */
sealed interface Event {
  /** When it began. */
  long begin();

  /**
   * A get and its answer.
   *
   * @param version what the answer has for the key; -1 for any other answer
   * @param answer what came in place of {@code key:version}; null if that came
   */
  record Get(int node, String key, long begin, long end, long version, @Nullable String answer)
      implements Event {
    static final String FAILED = "!";

    /**
     * Reads what a node answered.
     *
     * @param answer the value, or {@link #FAILED} and what went wrong
     */
    static Get of(int node, String key, long begin, long end, String answer) {
      if (answer.startsWith(key + ":") && answer.substring(key.length() + 1).matches("\\d{1,18}")) {
        long version = Long.parseLong(answer.substring(key.length() + 1));
        return new Get(node, key, begin, end, version, null);
      }
      return new Get(node, key, begin, end, -1, answer);
    }

    boolean failed() {
      return answer != null && answer.startsWith(FAILED);
    }

    @Override
    public String toString() {
      String said = answer == null ? key + ":" + version : answer;
      return "get %d %s %d %d %s".formatted(node, key, begin, end, said);
    }
  }

  /** How nodes come to know a change at the source. */
  enum Kind {
    REMOVAL,
    /** Of the new value. */
    SET,
    /** A removal of more keys at once than a node remembers removals; this is one of the keys. */
    BULK
  }

  /**
   * A change at the source, and what was done after it so that all nodes know it.
   *
   * @param version what the source has had since
   * @param changing when the change began; it was over before {@code begin}
   * @param missed the nodes that {@code node} named as not reached: none after success; null if it
   *     is not known, as {@code node} gave no answer
   */
  record Change(
      Kind kind,
      int node,
      String key,
      long version,
      long changing,
      long begin,
      long end,
      @Nullable Set<Integer> missed)
      implements Event {

    boolean succeeded() {
      return missed != null && missed.isEmpty();
    }

    /** Whether {@code other} is known to have carried it out. */
    boolean reached(int other) {
      return missed != null && !missed.contains(other);
    }

    @Override
    public String toString() {
      String who =
          missed == null
              ? "unknown"
              : missed.isEmpty()
                  ? "all"
                  : missed.stream().sorted().map(String::valueOf).collect(Collectors.joining(","));
      return "%s %d %s %d %d %d %d %s"
          .formatted(
              kind.name().toLowerCase(Locale.ROOT), node, key, version, changing, begin, end, who);
    }
  }

  /** What was done to nodes and links: {@code down 3}, {@code cut 1>2}. */
  record Note(long begin, String text) implements Event {
    @Override
    public String toString() {
      return "note %d %s".formatted(begin, text);
    }
  }

  /** Reads a line as {@code toString} writes it. */
  static Event parse(String line) {
    String[] words = line.split(" ", 6);
    switch (words[0]) {
      case "get" -> {
        return Get.of(
            Integer.parseInt(words[1]), words[2], time(words[3]), time(words[4]), words[5]);
      }
      case "removal", "set", "bulk" -> {
        String[] rest = words[5].split(" ");
        return new Change(
            Kind.valueOf(words[0].toUpperCase(Locale.ROOT)),
            Integer.parseInt(words[1]),
            words[2],
            Long.parseLong(words[3]),
            time(words[4]),
            time(rest[0]),
            time(rest[1]),
            nodes(rest[2]));
      }
      case "note" -> {
        return new Note(time(words[1]), line.split(" ", 3)[2]);
      }
      default -> throw new IllegalArgumentException("not a line of a journal: " + line);
    }
  }

  private static long time(String word) {
    return Long.parseLong(word);
  }

  private static @Nullable Set<Integer> nodes(String word) {
    return switch (word) {
      case "unknown" -> null;
      case "all" -> Set.of();
      default -> Arrays.stream(word.split(",")).map(Integer::parseInt).collect(Collectors.toSet());
    };
  }
}
