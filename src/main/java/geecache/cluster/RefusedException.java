package geecache.cluster;

/** A request of another node that this node does not carry out. The message may be told to it. */
public final class RefusedException extends Exception {
  private static final long serialVersionUID = 1;

  /** Why a request is refused. */
  public enum Reason {
    /** Changes need a secret, and there is none. */
    CHANGES_NOT_ALLOWED,
    /** There is no such group here. */
    NO_SUCH_GROUP,
    /** The sender is not a node that this one was in contact with. */
    NOT_IN_CONTACT,
    /** The request breaks a rule. */
    BAD_REQUEST
  }

  private final Reason reason;

  RefusedException(Reason reason, String message) {
    super(message, null, false, false); // Nobody looks at where it came from.
    this.reason = reason;
  }

  /** Returns why the request is refused. */
  public Reason reason() {
    return reason;
  }
}
