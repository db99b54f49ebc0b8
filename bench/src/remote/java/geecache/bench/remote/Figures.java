package geecache.bench.remote;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * What one caller process measured.
 *
 * @param rate keys a second
 * @param p50 of the latencies, in milliseconds
 * @param p99 of the latencies, in milliseconds
 */
record Figures(double rate, double p50, double p99) {
  private static final String MARK = "figures ";

  static Figures of(Histogram nanos, int keysPerGet, long intervalNanos) {
    return new Figures(
        nanos.getTotalCount() * keysPerGet * 1e9 / intervalNanos,
        nanos.getValueAtPercentile(50) / 1e6,
        nanos.getValueAtPercentile(99) / 1e6);
  }

  /** The line by which the process tells them, among whatever else it writes. */
  String toLine() {
    return MARK + rate + " " + p50 + " " + p99;
  }

  /** Finds that line. */
  static Figures parse(Stream<String> lines) {
    return parseAll(lines).get(0);
  }

  /** Finds those lines, in order, one at least. */
  static List<Figures> parseAll(Stream<String> lines) {
    List<Figures> all =
        lines
            .filter(line -> line.startsWith(MARK))
            .map(line -> parse(line.substring(MARK.length()).split(" ")))
            .toList();
    if (all.isEmpty()) {
      throw new IllegalStateException("no line of figures");
    }
    return all;
  }

  private static Figures parse(String[] words) {
    return new Figures(
        Double.parseDouble(words[0]), Double.parseDouble(words[1]), Double.parseDouble(words[2]));
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%,7.0f keys/s  p50 %.2f ms  p99 %.2f ms", rate, p50, p99);
  }
}
