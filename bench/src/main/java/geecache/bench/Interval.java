package geecache.bench;

import java.util.List;
import java.util.Locale;

/**
 * The median of a sample with an interval that holds the true median in at least 95 % of cases.
 * Free of any assumption on the distribution: the bounds are order statistics, whose ranks follow
 * from the binomial distribution with p = 1/2. With 10 values they are the 2nd and the 9th.
 *
 * @param median of the sample
 * @param low the lower bound
 * @param high the upper bound
 * @param count the size of the sample
 */
public record Interval(double median, double low, double high, int count) {
  /** How narrow an interval has to be before a goal counts as met. */
  static final double NARROW = 0.05;

  public static final String EXPLANATION =
      "Intervals hold the median at 95 % or more, by order statistics.";

  private static final double MISS_ON_ONE_SIDE = 0.025;

  /** Takes at least six values; fewer cannot tell at 95 %. */
  public static Interval of(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int n = sorted.length;
    if (n < 6) {
      throw new IllegalArgumentException("at least 6 values are needed: " + n);
    }
    int rank = rank(n);
    double median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    return new Interval(median, sorted[rank - 1], sorted[n - rank], n);
  }

  /** The greatest rank r with P(Binomial(n, 1/2) < r) of at most 2.5 %. */
  private static int rank(int n) {
    double probability = Math.pow(0.5, n);
    double below = probability;
    int rank = 0;
    while (below <= MISS_ON_ONE_SIDE) {
      rank++;
      probability = probability * (n - rank + 1) / rank;
      below += probability;
    }
    return rank;
  }

  double width() {
    return high - low;
  }

  boolean isNarrow() {
    return width() <= NARROW;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%.3f [%.3f, %.3f] of %d pairs, %.3f wide", median, low, high, count, width());
  }
}
