package geecache.simulation;

/**
 * Something that goes wrong, or changes, for a while.
 *
 * @param at when it begins, in milliseconds
 * @param lasts for how long, in milliseconds
 * @param nodes which nodes it is about, one bit for each
 * @param others the nodes on the other side, one bit for each
 * @param amount how much of it; see the kind
 */
record Fault(Kind kind, int at, int lasts, int nodes, int others, int amount) {
  enum Kind {
    /** The nodes do not see the others in their lists. */
    HIDE,
    /** A node ends without a word, and another is started under its URL. */
    CRASH,
    /** A node is closed in good order, and another is started under its URL. */
    UNDEPLOY,
    /** A node leaves the ring. Then it stays after all, or is closed if {@code amount} is 1. */
    LEAVE,
    /** A node that did not exist is started, and all are told. */
    JOIN,
    /** The processes of the nodes stand still. */
    PAUSE,
    /** Nothing passes between the nodes and the others; with {@code amount} 1 it is refused. */
    CUT,
    /** Nothing passes from the nodes to the others. */
    CUT_ONE_WAY,
    /** Requests to the others, and their answers, take up to {@code amount} ms more. */
    SLOW,
    /** {@code amount} of a hundred requests to the others are lost. */
    LOSE,
    /** {@code amount} of a hundred answers of the others are lost. */
    LOSE_ANSWERS,
    /** {@code amount} of a hundred requests to the others arrive again, up to 5 s later. */
    REPEAT,
    /** Requests to the nodes are answered by one of the others, each second one. */
    SHARED_URL,
    /** Loads take up to {@code amount} ms. */
    SLOW_SOURCE,
    /** {@code amount} of a hundred loads fail. */
    FAILING_SOURCE
  }

  /** Whether a node ends by it. */
  boolean endsNodes() {
    return kind == Kind.CRASH || kind == Kind.UNDEPLOY || kind == Kind.LEAVE && amount == 1;
  }

  /** Whether it changes which node owns which key, or whether nodes remember. */
  boolean changesViews() {
    return endsNodes() || kind == Kind.HIDE || kind == Kind.LEAVE || kind == Kind.JOIN;
  }

  /** Whether nodes are in its way, and not only the source. */
  boolean isInCluster() {
    return kind != Kind.SLOW_SOURCE && kind != Kind.FAILING_SOURCE;
  }

  /** Returns the same without a node. */
  Fault without(int node) {
    return new Fault(kind, at, lasts, nodes & ~Nodes.of(node), others & ~Nodes.of(node), amount);
  }

  /** Whether there are nodes left for it. */
  boolean isAboutSomething() {
    return switch (kind) {
      case SLOW_SOURCE, FAILING_SOURCE -> true;
      case CRASH, UNDEPLOY, LEAVE, JOIN, PAUSE -> nodes != 0;
      default -> nodes != 0 && others != 0;
    };
  }

  int end() {
    return at + lasts;
  }

  @Override
  public String toString() {
    String who = Nodes.names(nodes);
    String whom = Nodes.names(others);
    String until = " until " + Plan.time(end() * 1_000L);
    return switch (kind) {
      case HIDE -> who + " does not see " + whom + " in its list" + until;
      case CRASH -> who + " crashes, and starts anew" + at(end());
      case UNDEPLOY -> who + " is undeployed, and deployed anew" + at(end());
      case LEAVE ->
          who + " leaves the ring, and " + (amount == 1 ? "is undeployed" : "stays") + at(end());
      case JOIN -> who + " joins";
      case PAUSE -> who + " stands still" + until;
      case CUT -> who + " and " + whom + (amount == 1 ? " are refused" : " are cut off") + until;
      case CUT_ONE_WAY -> "nothing goes from " + who + " to " + whom + until;
      case SLOW -> who + " to " + whom + ": up to " + amount + " ms more" + until;
      case LOSE -> who + " to " + whom + ": " + amount + " % of requests lost" + until;
      case LOSE_ANSWERS -> who + " to " + whom + ": " + amount + " % of answers lost" + until;
      case REPEAT -> who + " to " + whom + ": " + amount + " % of requests repeated" + until;
      case SHARED_URL -> "each second request to " + who + " is answered by " + whom + until;
      case SLOW_SOURCE -> "the source takes up to " + amount + " ms" + until;
      case FAILING_SOURCE -> amount + " % of loads fail" + until;
    };
  }

  private static String at(int millis) {
    return " at " + Plan.time(millis * 1_000L);
  }
}
