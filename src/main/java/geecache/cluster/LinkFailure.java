package geecache.cluster;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Another node gave no answer, or no useful one. The caller must get the value elsewhere. */
public final class LinkFailure extends IOException {
  private static final long serialVersionUID = 1;

  private enum Kind {
    SILENT,
    UNTRUSTED,
    NO_CONTACT,
    NOT_ALLOWED,
    REFUSED,
    BEHIND,
    NO_SUCH_GROUP,
    UNASKED
  }

  private final Kind kind;

  private LinkFailure(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Returns the failure of a node that gave no answer, or an answer that no node gives. */
  public static LinkFailure silent(String message, @Nullable Throwable cause) {
    return new LinkFailure(Kind.SILENT, message, cause);
  }

  /**
   * Returns the failure of a node that one of the two does not trust: an operator has to end it.
   */
  public static LinkFailure untrusted(String message, Throwable cause) {
    return new LinkFailure(Kind.UNTRUSTED, message, cause);
  }

  /** Returns {@code failure} itself if it is one of these, else a silence caused by it. */
  static LinkFailure of(String url, Throwable failure) {
    return failure instanceof LinkFailure known
        ? known
        : silent(url + " does not answer: " + failure, failure);
  }

  /** Returns the failure of a node that is not asked before it was met. */
  static LinkFailure noContact(String url) {
    return new LinkFailure(Kind.NO_CONTACT, "no contact with " + url, null);
  }

  /** Returns the failure of a node that answered, but could not do what it was asked. */
  public static LinkFailure refused(String message) {
    return new LinkFailure(Kind.REFUSED, message, null);
  }

  /** Returns the failure of a node that takes no changes from this one, such as for its secret. */
  public static LinkFailure notAllowed(String message) {
    return new LinkFailure(Kind.NOT_ALLOWED, message, null);
  }

  /** Returns the failure of a node that does not know changes which the read requires. */
  public static LinkFailure behind(String url) {
    return new LinkFailure(Kind.BEHIND, url + " has missed changes", null);
  }

  /** Returns the failure of a node that does not have the group with this version of its values. */
  public static LinkFailure noSuchGroup(String message) {
    return new LinkFailure(Kind.NO_SUCH_GROUP, message, null);
  }

  /** Returns the failure to ask at all, because no connection was free. */
  public static LinkFailure unasked(String message, Throwable cause) {
    return new LinkFailure(Kind.UNASKED, message, cause);
  }

  /** Whether the node may be healthy: it answered, or no connection was free. */
  boolean isAlive() {
    return kind == Kind.REFUSED
        || kind == Kind.NOT_ALLOWED
        || kind == Kind.BEHIND
        || kind == Kind.NO_SUCH_GROUP
        || kind == Kind.UNASKED;
  }

  /** Whether the node can be reached, and refuses: more tries alone do not end that. */
  boolean isRefusal() {
    return kind == Kind.REFUSED
        || kind == Kind.NOT_ALLOWED
        || kind == Kind.UNTRUSTED
        || kind == Kind.NO_SUCH_GROUP;
  }

  /** Whether the node takes no changes from this one. */
  boolean isNotAllowed() {
    return kind == Kind.NOT_ALLOWED;
  }

  /** Whether the node does not have the group with this version of its values. */
  boolean isNoSuchGroup() {
    return kind == Kind.NO_SUCH_GROUP;
  }

  /** Whether the node has missed changes that this one knows. */
  boolean isBehind() {
    return kind == Kind.BEHIND;
  }

  /** Whether the node must be met first. */
  boolean isNoContact() {
    return kind == Kind.NO_CONTACT;
  }

  /** Whether the node was not asked. */
  boolean isUnasked() {
    return kind == Kind.UNASKED;
  }
}
