package geecache.node;

import geecache.Tracing;
import geecache.tracing.OpenTelemetryTracing;

/** The tracing of nodes that were given none. */
final class DefaultTracing {
  private DefaultTracing() {}

  /**
   * Returns that of the OpenTelemetry API, if a version that is new enough is on the class path.
   */
  static Tracing find() {
    try {
      return OpenTelemetryTracing.global();
    } catch (LinkageError absentOrOlder) {
      return Tracing.NONE;
    }
  }
}
