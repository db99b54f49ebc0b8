package geecache.node;

import io.micrometer.context.ContextSnapshotFactory;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Carries what Micrometer's context propagation knows of the thread that asks, such as the current
 * trace, over to the thread that loads.
 */
final class MicrometerContext {
  private MicrometerContext() {}

  /** Returns what decorates loads; null if the library is not on the class path. */
  static @Nullable UnaryOperator<Runnable> decorator() {
    try {
      return Snapshots.decorator();
    } catch (NoClassDefFoundError absent) {
      return null;
    }
  }

  /** Loaded only if the library is there. */
  private static final class Snapshots {
    private Snapshots() {}

    static UnaryOperator<Runnable> decorator() {
      ContextSnapshotFactory factory = ContextSnapshotFactory.builder().build();
      return load -> factory.captureAll().wrap(load);
    }
  }
}
