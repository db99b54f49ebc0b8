package geecache.internal;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Stands in the log for a throwable whose texts have characters that must not reach a log as they
 * are. Its text is the other one's name and message. It is {@link #toString} for loggers that print
 * that, and the message for loggers that print the name of the class and the message.
 */
public final class EscapedThrowable extends Throwable {
  private static final long serialVersionUID = 1;

  /** The most throwables that are copied of one: causes may go round in a circle. */
  private static final int MOST = 50;

  private EscapedThrowable(Throwable of, Set<Throwable> copied) {
    super(ControlCharacters.escape(String.valueOf(of)));
    setStackTrace(of.getStackTrace());
    Throwable cause = of.getCause();
    if (cause != null && isNew(cause, copied)) {
      initCause(new EscapedThrowable(cause, copied));
    }
    for (Throwable suppressed : of.getSuppressed()) {
      if (isNew(suppressed, copied)) {
        addSuppressed(new EscapedThrowable(suppressed, copied));
      }
    }
  }

  /**
   * Returns {@code thrown} itself if its texts, and those of its causes, may be logged. Otherwise
   * returns a stand-in with all of them escaped, which is logged like it. It is for the log only.
   */
  public static Throwable of(Throwable thrown) {
    return mayBePrinted(thrown, seen()) ? thrown : new EscapedThrowable(thrown, seen(thrown));
  }

  private static Set<Throwable> seen(Throwable... first) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Collections.addAll(seen, first);
    return seen;
  }

  private static boolean isNew(Throwable thrown, Set<Throwable> seen) {
    return seen.size() < MOST && seen.add(thrown);
  }

  private static boolean mayBePrinted(Throwable thrown, Set<Throwable> seen) {
    if (!isNew(thrown, seen)) {
      return seen.contains(thrown);
    }
    if (!isUnchanged(thrown.toString())
        || !isUnchanged(thrown.getMessage())
        || !isUnchanged(thrown.getLocalizedMessage())) {
      return false;
    }
    for (Throwable suppressed : thrown.getSuppressed()) {
      if (!mayBePrinted(suppressed, seen)) {
        return false;
      }
    }
    return thrown.getCause() == null || mayBePrinted(thrown.getCause(), seen);
  }

  private static boolean isUnchanged(@Nullable String text) {
    String shown = String.valueOf(text);
    return ControlCharacters.escape(shown).equals(shown);
  }

  @Override
  public String toString() {
    return String.valueOf(getMessage());
  }
}
