package geecache.snapshot;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * Where and how the keys of a group are kept. Immutable.
 *
 * @param directory where the file is; made if it is missing. Nodes that run at the same time need a
 *     directory each
 * @param every how often the file is written anew; at least a second
 * @param mostKeys how many keys it has at most, from 1 to {@value #MOST_KEYS}; those that the store
 *     would keep longest
 * @param keysPerSecond how many keys are loaded in a second at the start, at most
 */
public record SnapshotOptions(Path directory, Duration every, int mostKeys, int keysPerSecond) {
  /** The largest number of keys in a file. */
  public static final int MOST_KEYS = 1_000_000;

  private static final Duration SHORTEST = Duration.ofSeconds(1);

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if one breaks its rule
   */
  public SnapshotOptions {
    Objects.requireNonNull(directory, "a directory is required");
    if (every.compareTo(SHORTEST) < 0) {
      throw new IllegalArgumentException("every must be at least a second: " + every);
    }
    if (mostKeys < 1 || mostKeys > MOST_KEYS) {
      throw new IllegalArgumentException(
          "mostKeys must be from 1 to " + MOST_KEYS + ": " + mostKeys);
    }
    if (keysPerSecond < 1) {
      throw new IllegalArgumentException("keysPerSecond must be positive: " + keysPerSecond);
    }
  }

  /** Returns the defaults: 100,000 keys, written each 10 minutes, and 200 loads a second. */
  public static SnapshotOptions in(Path directory) {
    return new SnapshotOptions(directory, Duration.ofMinutes(10), 100_000, 200);
  }

  /** Returns these options with another {@link #every}. */
  public SnapshotOptions every(Duration time) {
    return new SnapshotOptions(directory, time, mostKeys, keysPerSecond);
  }

  /** Returns these options with other {@link #mostKeys}. */
  public SnapshotOptions mostKeys(int keys) {
    return new SnapshotOptions(directory, every, keys, keysPerSecond);
  }

  /** Returns these options with other {@link #keysPerSecond}. */
  public SnapshotOptions keysPerSecond(int keys) {
    return new SnapshotOptions(directory, every, mostKeys, keys);
  }
}
