package geecache.web;

import geecache.internal.ControlCharacters;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a setting may be: the rule as users read it, and how a text that keeps it becomes a value.
 *
 * @param <T> the type of the value
 * @param rule goes on after "must be"
 * @param reader throws an {@link IllegalArgumentException} for a text that breaks the rule; its
 *     message counts for nothing unless {@code tells}
 * @param tells whether the reader's own message says more than the rule does
 * @param mask what may be shown of a text
 */
record Kind<T>(String rule, Function<String, T> reader, boolean tells, UnaryOperator<String> mask) {
  /** What is shown of a secret, whatever its length. */
  static final String MASKED = "****";

  private static <T> Kind<T> of(String rule, Function<String, T> reader) {
    return new Kind<>(rule, reader, false, ControlCharacters::escape);
  }

  /** Returns this for texts that must not be shown. */
  Kind<T> secret() {
    return maskedBy(text -> MASKED);
  }

  /** Returns this for texts of which {@code maskOfParts} leaves what may be shown. */
  Kind<T> maskedBy(UnaryOperator<String> maskOfParts) {
    return new Kind<>(
        rule, reader, tells, text -> ControlCharacters.escape(maskOfParts.apply(text)));
  }

  /** Returns what breaks the rule about {@code text}, without what must not be shown. */
  String complaint(IllegalArgumentException refused) {
    return tells ? String.valueOf(refused.getMessage()) : "must be " + rule;
  }

  /** Any text. */
  static Kind<String> text(String rule) {
    return of(rule, text -> text);
  }

  /** A text that matches {@code whole}. */
  static Kind<String> text(String rule, Pattern whole) {
    return of(
        rule,
        text -> {
          require(whole.matcher(text).matches());
          return text;
        });
  }

  /** Whatever {@code reader} takes; the rule stands in the message with which it refuses. */
  static <T> Kind<T> read(String rule, Function<String, T> reader) {
    return new Kind<>(rule, reader, true, ControlCharacters::escape);
  }

  /** {@code true} or {@code false}, written just so. */
  static Kind<Boolean> flag() {
    return of(
        "`true` or `false`",
        text -> {
          require(text.equals("true") || text.equals("false"));
          return text.equals("true");
        });
  }

  /** One of the constants of an enum, in lower case and with hyphens. */
  static <E extends Enum<E>> Kind<E> oneOf(Class<E> type) {
    E[] constants = type.getEnumConstants();
    String rule =
        Arrays.stream(constants).map(c -> "`" + word(c) + "`").collect(Collectors.joining(", "));
    return of(
        rule.replaceFirst(", ([^,]+)$", " or $1"),
        text ->
            Arrays.stream(constants)
                .filter(constant -> word(constant).equals(text))
                .findAny()
                .orElseThrow(IllegalArgumentException::new));
  }

  /** Returns how settings write a constant. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A whole number of at least {@code least}. */
  static Kind<Integer> count(int least) {
    return of(
        "a whole number of at least " + least,
        text -> {
          int number = Integer.parseInt(text);
          require(number >= least);
          return number;
        });
  }

  /** A whole number from {@code least} to {@code most}. */
  static Kind<Integer> count(int least, int most) {
    return of(
        "a whole number from " + least + " to " + most,
        text -> {
          int number = count(least).reader().apply(text);
          require(number <= most);
          return number;
        });
  }

  /** A number of at least 0 and under 1, such as 0.1. */
  static Kind<Double> part() {
    return of(
        "a number of at least 0 and under 1, such as `0.1`",
        text -> {
          require(text.matches("0(\\.\\d+)?"));
          return Double.valueOf(text);
        });
  }

  /** A time of at least {@code least}, at most a century. */
  static Kind<Duration> duration(String least) {
    Duration shortest = Amounts.duration(least);
    return of(
        "a time such as `500ms`, `30s`, `10m`, `2h` or `1d`"
            + (shortest.isZero() ? ", or `0`" : ", at least `" + least + "`"),
        text -> {
          Duration time = Amounts.duration(text);
          require(time.compareTo(shortest) >= 0);
          return time;
        });
  }

  /** An amount of memory from {@code least} to {@code most}, in bytes. */
  static Kind<Long> size(String least, String most) {
    long fewest = Amounts.bytes(least);
    long greatest = Amounts.bytes(most);
    return of(
        "a size such as `2048`, `64MB` (10^6 bytes) or `64MiB` (2^20), from %s to `%s`"
            .formatted(fewest == 0 ? "`0`" : "`" + least + "`", most),
        text -> {
          long bytes = Amounts.bytes(text);
          require(bytes >= fewest && bytes <= greatest);
          return bytes;
        });
  }

  /** Texts separated by commas, each of which matches {@code each}; maybe none. */
  static Kind<List<String>> list(String rule, Pattern each) {
    return of(
        rule,
        text -> {
          List<String> items = items(text);
          require(items.stream().allMatch(item -> each.matcher(item).matches()));
          return items;
        });
  }

  /** Returns the texts between commas, without those that are blank. */
  static List<String> items(String text) {
    return Stream.of(text.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList();
  }

  /** Returns URLs without what may be a password in them. */
  static String withoutUser(String urls) {
    return urls.replaceAll("//[^,]*@", "//" + MASKED + "@");
  }

  private static void require(boolean holds) {
    if (!holds) {
      throw new IllegalArgumentException();
    }
  }
}
