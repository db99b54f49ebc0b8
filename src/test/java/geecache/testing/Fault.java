package geecache.testing;

/**
 * What a {@link FaultyPeer} does with a request. Connections are kept alive unless a fault says
 * otherwise, and the request is read to its end before it is answered.
 */
public enum Fault {
  /**
   * None. In front of a node, the request is sent on as it came and the node's answer comes back as
   * it is written; if the node cannot be reached, or leaves without an answer, so does the peer.
   * Alone, a made-up {@code 200} with {@code Geecache-Status: ok}.
   */
  PASS,

  /**
   * Nobody is there: the listening socket is closed, so that connecting is refused, and so is every
   * connection. Where it is the fault of single requests (of a script, at random, or of some
   * senders only), it is too late for that: the request's connection ends without an answer.
   */
  REFUSE,

  /** The request is read, and its connection reset (a TCP {@code RST}). */
  RESET,

  /**
   * The request is read and never answered. It is held until the peer is told to behave otherwise
   * or closed, and then its connection ends without an answer.
   */
  SILENT,

  /**
   * An answer that ends in its middle, and its connection with it. In front of a node the node's
   * own, with its {@code Content-Length} or its chunks; if that has no body, its head is cut.
   */
  HALF_BODY,

  /**
   * An answer whose body comes ten times over, where its {@code Content-Length} announces it once.
   * In front of a node the node's own.
   */
  LONG_BODY,

  /** The {@code 404} page of a container in which nothing is deployed at that path. */
  NOT_FOUND_PAGE,

  /** The {@code 502} page of a proxy that finds no server behind it. */
  BAD_GATEWAY_PAGE,

  /** A {@code 200} with a form, of something that wants to know first who asks. */
  LOGIN_PAGE,

  /** A {@code 302} to {@code /login} at the same peer. */
  REDIRECT,

  /**
   * The head of a {@code 200} that comes byte by byte and never ends, so that no wait between two
   * bytes is long. It ends as {@link #SILENT} does.
   */
  TRICKLE
}
