package geecache.cluster;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Another node gave no answer, or none that helps: the caller has to go elsewhere. */
public final class LinkFailure extends IOException {
  private static final long serialVersionUID = 1;

  private enum Kind {
    SILENT,
    REFUSED,
    UNASKED
  }

  private final Kind kind;

  private LinkFailure(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Returns the failure of a node that gave no answer, or none that a node gives. */
  public static LinkFailure silent(String message, @Nullable Throwable cause) {
    return new LinkFailure(Kind.SILENT, message, cause);
  }

  /** Returns {@code failure}, or the silence of the node that asking for it threw. */
  static LinkFailure of(String url, Throwable failure) {
    return failure instanceof LinkFailure known
        ? known
        : silent(url + " does not answer: " + failure, failure);
  }

  static LinkFailure noContact(String url) {
    return silent("no contact with " + url, null);
  }

  /** Returns the failure of a node that answered, and cannot do what it was asked for. */
  public static LinkFailure refused(String message) {
    return new LinkFailure(Kind.REFUSED, message, null);
  }

  /** Returns the failure to ask at all, for want of a connection. */
  public static LinkFailure unasked(String message, Throwable cause) {
    return new LinkFailure(Kind.UNASKED, message, cause);
  }

  /** Whether the node may be well: it answered, or was not asked. */
  boolean isAlive() {
    return kind != Kind.SILENT;
  }

  /** Whether the node was not asked. */
  boolean isUnasked() {
    return kind == Kind.UNASKED;
  }
}
