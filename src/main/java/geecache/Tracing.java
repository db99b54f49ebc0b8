package geecache;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells a tracing system what a node does for its callers: which gets memory did not answer, what
 * was asked of peers, and what was loaded. A get that memory answers is told to nobody, so that it
 * costs what it does without. Safe for use by many threads. What a method throws is logged once,
 * and has no effect on the get.
 *
 * <p>A trace has a text form, the {@code traceparent} of W3C Trace Context (level 1, section 3.2),
 * in which nodes hand it on.
 */
public interface Tracing {
  /** Tells nobody, and allocates nothing. */
  Tracing NONE = new Untraced();

  /** What takes time. */
  enum Step {
    /** A get that memory did not answer, or a get of many keys of which it did not answer all. */
    GET("geecache.get"),

    /** Keys of a peer, from when they wait to be asked for until they are answered. */
    FETCH("peer.fetch"),

    /** A call of a getter, or of a caller's own loader. */
    LOAD("load");

    private final String text;

    Step(String text) {
      this.text = text;
    }

    /** Returns the name under which tracing systems show it. */
    public String text() {
      return text;
    }
  }

  /** A step that has begun. Any thread may end it. */
  interface Span {
    /** Makes this the current one of the thread, until the scope is closed by the same thread. */
    Scope enter();

    /** Returns the text form of the trace with this as the parent; null if there is no trace. */
    @Nullable String traceparent();

    /**
     * Ends this; later calls do nothing.
     *
     * @param failure why there is no value; null if there is one. That the source has none ({@link
     *     KeyNotFoundException}) is no error
     */
    void end(@Nullable Throwable failure);
  }

  /** Closed by the thread that opened it, scopes that it opened later first. */
  interface Scope extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Begins a step, as part of what is current on this thread.
   *
   * @param group the name of the group
   * @param keys how many keys it is for, at least 1
   * @param peer the base URL of the peer that is asked; null for the steps of this node alone
   */
  Span begin(Step step, String group, int keys, @Nullable String peer);

  /**
   * Makes the trace of another process the current one of this thread, until the scope is closed.
   *
   * @param traceparent in its text form; null, or a malformed one, changes nothing
   */
  Scope resume(@Nullable String traceparent);

  /** As {@link #resume}, but only if this thread has no trace. */
  Scope resumeIfNone(@Nullable String traceparent);

  /**
   * Returns what makes current, on the thread that calls it, what is current on this thread now.
   */
  Supplier<Scope> captured();

  /** Tells nobody. Allocates nothing. */
  final class Untraced implements Tracing {
    private Untraced() {}

    private static final Scope NO_SCOPE = () -> {};
    private static final Supplier<Scope> NOTHING = () -> NO_SCOPE;

    private static final Span NO_SPAN =
        new Span() {
          @Override
          public Scope enter() {
            return NO_SCOPE;
          }

          @Override
          public @Nullable String traceparent() {
            return null;
          }

          @Override
          public void end(@Nullable Throwable failure) {}
        };

    @Override
    public Span begin(Step step, String group, int keys, @Nullable String peer) {
      return NO_SPAN;
    }

    @Override
    public Scope resume(@Nullable String traceparent) {
      return NO_SCOPE;
    }

    @Override
    public Scope resumeIfNone(@Nullable String traceparent) {
      return NO_SCOPE;
    }

    @Override
    public Supplier<Scope> captured() {
      return NOTHING;
    }
  }
}
