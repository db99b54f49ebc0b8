package geecache;

import geecache.internal.ControlCharacters;
import geecache.internal.EscapedThrowable;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log which loads of a group failed: a line for each, and the stack trace once a minute
 * for each kind of failure. So a source that is down does not flood the log. Beyond {@link
 * #MOST_LINES} a minute, failures are counted, and the count is told when they are logged again.
 * Safe for use by many threads.
 */
final class FailedLoads {
  private static final Logger log = LoggerFactory.getLogger(FailedLoads.class);

  static final Duration MINUTE = Duration.ofMinutes(1);
  static final int MOST_LINES = 100;
  static final int MOST_TRACES = 10;

  private final String group;
  private final Ticker ticker;

  /** When the first line of this minute was logged; null before. Guarded by this, as all below. */
  private @Nullable Long began;

  private int lines;
  private long leftOut;
  private final Set<String> kinds = new HashSet<>();

  FailedLoads(String group, Ticker ticker) {
    this.group = group;
    this.ticker = ticker;
  }

  /** How a failure is told. */
  private enum Form {
    TRACE,
    LINE,
    LAST_LINE,
    NONE
  }

  /**
   * Logs a failure, or counts it.
   *
   * @param id what the client is told in place of the failure
   */
  void tell(String id, String key, Throwable failure) {
    Form form = note(kindOf(failure));
    if (form == Form.NONE) {
      return;
    }
    String shown = ControlCharacters.escape(key);
    try {
      if (form == Form.TRACE) {
        log.warn("load failed: {} group {} key {}", id, group, shown, EscapedThrowable.of(failure));
      } else {
        log.warn("load failed: {} group {} key {}: {}", id, group, shown, oneLine(failure));
      }
    } catch (Throwable unprintable) { // A message may be made by code of the user.
      log.warn("load failed: {} group {} key {}: {}", id, group, shown, failure.getClass());
    }
    if (form == Form.LAST_LINE) {
      log.warn(
          "{} loads of group {} failed within {} s: for the rest of it, failures are only counted",
          MOST_LINES,
          group,
          MINUTE.toSeconds());
    }
  }

  private Form note(String kind) {
    long before;
    Form form;
    long now = ticker.nanos(); // Not under the lock: a simulated clock may let others run.
    synchronized (this) {
      before = 0;
      if (began == null || now - began >= MINUTE.toNanos()) {
        before = leftOut;
        began = now;
        lines = 0;
        leftOut = 0;
        kinds.clear();
      }
      form = next(kind);
    }
    if (before > 0) {
      log.warn("{} more failures of group {} were not logged", before, group);
    }
    return form;
  }

  private Form next(String kind) {
    if (lines == MOST_LINES) {
      leftOut++;
      return Form.NONE;
    }
    lines++;
    if (lines == MOST_LINES) {
      return Form.LAST_LINE;
    }
    return kinds.size() < MOST_TRACES && kinds.add(kind) ? Form.TRACE : Form.LINE;
  }

  /** Names the classes of a failure and its causes, and where the failure comes from. */
  private static String kindOf(Throwable failure) {
    StringBuilder kind = new StringBuilder();
    Throwable cause = failure;
    for (int i = 0; cause != null && i < MOST_TRACES; i++) {
      kind.append(cause.getClass().getName()).append(' ');
      cause = cause.getCause();
    }
    StackTraceElement[] trace = failure.getStackTrace();
    return trace.length == 0 ? kind.toString() : kind.append(trace[0]).toString();
  }

  /** Returns the message of a failure and of its innermost cause. */
  private static String oneLine(Throwable failure) {
    Throwable innermost = failure;
    for (int i = 0; innermost.getCause() != null && i < MOST_TRACES; i++) {
      innermost = innermost.getCause();
    }
    String text = String.valueOf(failure);
    return ControlCharacters.escape(
        innermost == failure ? text : text + ", caused by " + innermost);
  }
}
