package geecache.settings;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times and sizes with their units, as settings write them. */
final class Units {
  private static final Pattern AMOUNT = Pattern.compile("(\\d{1,18})([A-Za-z]*)");
  private static final Duration CENTURY = Duration.ofDays(36_500);

  private static final Map<String, Duration> TIMES =
      Map.of(
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1));

  /** IEC 80000-13: MB is a million bytes, MiB are 2^20. */
  private static final Map<String, Long> SIZES =
      Map.of(
          "", 1L,
          "B", 1L,
          "kB", 1_000L,
          "KB", 1_000L,
          "MB", 1_000_000L,
          "GB", 1_000_000_000L,
          "KiB", 1L << 10,
          "MiB", 1L << 20,
          "GiB", 1L << 30);

  private Units() {}

  /**
   * Reads a whole number and its unit: {@code ms}, {@code s}, {@code m}, {@code h} or {@code d}.
   * Only zero needs no unit: any other number alone could mean anything.
   *
   * @throws IllegalArgumentException if {@code text} is no such time, or more than a century
   */
  static Duration duration(String text) {
    if (text.equals("0")) {
      return Duration.ZERO;
    }
    Matcher amount = matched(text);
    Duration unit = TIMES.get(amount.group(2));
    long number = Long.parseLong(amount.group(1));
    if (unit == null || number > CENTURY.dividedBy(unit)) {
      throw new IllegalArgumentException(text);
    }
    return unit.multipliedBy(number);
  }

  /**
   * Reads a whole number of bytes, or of {@code kB}, {@code MB}, {@code GB}, {@code KiB}, {@code
   * MiB} or {@code GiB}.
   *
   * @throws IllegalArgumentException if {@code text} is no such size, or more than a long can hold
   */
  static long bytes(String text) {
    Matcher amount = matched(text);
    Long unit = SIZES.get(amount.group(2));
    long number = Long.parseLong(amount.group(1));
    if (unit == null || number > Long.MAX_VALUE / unit) {
      throw new IllegalArgumentException(text);
    }
    return number * unit;
  }

  private static Matcher matched(String text) {
    Matcher amount = AMOUNT.matcher(text);
    if (!amount.matches()) {
      throw new IllegalArgumentException(text);
    }
    return amount;
  }
}
