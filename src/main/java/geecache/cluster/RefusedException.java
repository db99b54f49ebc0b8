package geecache.cluster;

/** Thrown if this node refuses a request of another node. The message may be sent to that node. */
public final class RefusedException extends Exception {
  private static final long serialVersionUID = 1;

  /** Why a request is refused. */
  public enum Reason {
    /** Changes need a secret, and there is none. */
    CHANGES_NOT_ALLOWED,
    /** The sender is not a node that this one was in contact with. */
    NOT_IN_CONTACT,
    /** The request is for another node, perhaps an earlier one at this URL. */
    OTHER_NODE,
    /** This node does not know changes that a read requires: the value may be too old. */
    BEHIND,
    /** This node does not have the group with this version of its values. */
    NO_SUCH_GROUP,
    /** The request breaks a rule. */
    BAD_REQUEST
  }

  private final Reason reason;

  RefusedException(Reason reason, String message) {
    super(message, null, false, false); // Nobody reads the stack trace.
    this.reason = reason;
  }

  /** Returns why the request is refused. */
  public Reason reason() {
    return reason;
  }
}
