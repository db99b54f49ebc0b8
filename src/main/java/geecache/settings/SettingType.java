package geecache.settings;

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
 * The rule for the text of a setting, and how a text that keeps it becomes a value. Immutable.
 *
 * @param <T> the type of the value
 */
public final class SettingType<T> {
  /** Stands for a secret, whatever its length. */
  public static final String MASKED = "****";

  private final String rule;
  private final Function<String, T> parser;

  /** Whether the parser's own message says more than the rule does. */
  private final boolean parserExplains;

  private final UnaryOperator<String> mask;

  private SettingType(
      String rule, Function<String, T> parser, boolean parserExplains, UnaryOperator<String> mask) {
    this.rule = rule;
    this.parser = parser;
    this.parserExplains = parserExplains;
    this.mask = mask;
  }

  private static <T> SettingType<T> of(String rule, Function<String, T> parser) {
    return new SettingType<>(rule, parser, false, text -> text);
  }

  /**
   * Returns a type with a rule and a parser of its own.
   *
   * @param rule goes on after "must be"
   * @param parser throws an {@link IllegalArgumentException} for a text that breaks the rule; users
   *     are shown its message
   */
  public static <T> SettingType<T> parsed(String rule, Function<String, T> parser) {
    return new SettingType<>(rule, parser, true, text -> text);
  }

  /** Returns this type for texts that must not be shown. */
  public SettingType<T> secret() {
    return maskedBy(text -> MASKED);
  }

  /** Returns this type for texts of which only the part that {@code mask} leaves may be shown. */
  public SettingType<T> maskedBy(UnaryOperator<String> mask) {
    return new SettingType<>(rule, parser, parserExplains, mask);
  }

  /** Returns the rule; it goes on after "must be". */
  public String rule() {
    return rule;
  }

  /**
   * Returns the value of {@code text}.
   *
   * @throws IllegalArgumentException if the text breaks the rule; see {@link #complaint}
   */
  public T parse(String text) {
    return parser.apply(text);
  }

  /** Returns {@code text} on one line, without the parts that must not be shown. */
  public String shown(String text) {
    return ControlCharacters.escape(mask.apply(text));
  }

  /** Returns the message for users about a text that {@link #parse} refused, without the text. */
  public String complaint(IllegalArgumentException refused) {
    return parserExplains ? String.valueOf(refused.getMessage()) : "must be " + rule;
  }

  /** Any text. */
  public static SettingType<String> text(String rule) {
    return of(rule, text -> text);
  }

  /** A text that matches {@code whole}. */
  public static SettingType<String> text(String rule, Pattern whole) {
    return of(
        rule,
        text -> {
          require(whole.matcher(text).matches());
          return text;
        });
  }

  /** {@code true} or {@code false}, in small letters. */
  public static SettingType<Boolean> flag() {
    return of(
        "`true` or `false`",
        text -> {
          require(text.equals("true") || text.equals("false"));
          return text.equals("true");
        });
  }

  /** One of the constants of an enum, in small letters and with hyphens. */
  public static <E extends Enum<E>> SettingType<E> oneOf(Class<E> type) {
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
  public static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A whole number of at least {@code least}. */
  public static SettingType<Integer> count(int least) {
    return of(
        "a whole number of at least " + least,
        text -> {
          int number = Integer.parseInt(text);
          require(number >= least);
          return number;
        });
  }

  /** A whole number from {@code least} to {@code most}. */
  public static SettingType<Integer> count(int least, int most) {
    return of(
        "a whole number from " + least + " to " + most,
        text -> {
          int number = Integer.parseInt(text);
          require(number >= least && number <= most);
          return number;
        });
  }

  /** A number of at least 0 and under 1, such as 0.1. */
  public static SettingType<Double> fraction() {
    return of(
        "a number of at least 0 and under 1, such as `0.1`",
        text -> {
          require(text.matches("0(\\.\\d+)?"));
          return Double.valueOf(text);
        });
  }

  /** A time of at least {@code least}, at most a century. */
  public static SettingType<Duration> duration(String least) {
    Duration shortest = Units.duration(least);
    return of(
        "a time such as `500ms`, `30s`, `10m`, `2h` or `1d`"
            + (shortest.isZero() ? ", or `0`" : ", at least `" + least + "`"),
        text -> {
          Duration time = Units.duration(text);
          require(time.compareTo(shortest) >= 0);
          return time;
        });
  }

  /** An amount of memory from {@code least} to {@code most}, in bytes. */
  public static SettingType<Long> size(String least, String most) {
    long fewest = Units.bytes(least);
    long greatest = Units.bytes(most);
    return of(
        "a size such as `2048`, `64MB` (10^6 bytes) or `64MiB` (2^20), from %s to `%s`"
            .formatted(fewest == 0 ? "`0`" : "`" + least + "`", most),
        text -> {
          long bytes = Units.bytes(text);
          require(bytes >= fewest && bytes <= greatest);
          return bytes;
        });
  }

  /** Texts separated by commas, each of which matches {@code each}; there may be none. */
  public static SettingType<List<String>> list(String rule, Pattern each) {
    return of(
        rule,
        text -> {
          List<String> items = items(text);
          require(items.stream().allMatch(item -> each.matcher(item).matches()));
          return items;
        });
  }

  /** Returns the texts between commas, without the blank ones. */
  public static List<String> items(String text) {
    return Stream.of(text.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList();
  }

  private static void require(boolean holds) {
    if (!holds) {
      throw new IllegalArgumentException();
    }
  }
}
