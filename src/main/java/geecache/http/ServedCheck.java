package geecache.http;

import geecache.cluster.ClusterNode;
import geecache.cluster.ClusterView;
import geecache.http.PeerClient.Question;
import geecache.internal.ControlCharacters;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns once of a node that has peers and that nothing serves, such as one made in code without a
 * servlet. No servlet has taken it, and no server has brought it a request for a while, not even
 * its own at its own URL. It asks twice: servers may take long to start, and machines stop for a
 * moment. Safe for use by many threads.
 */
final class ServedCheck {
  private static final Logger log = LoggerFactory.getLogger(ServedCheck.class);

  /** The time before each question of the node to itself. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final String PATH = Request.Mapping.NODES.path() + "meet";

  private final BiConsumer<Duration, Runnable> timer;
  private final Executor executor;
  private final ClusterNode cluster;
  private final PeerClient client;
  private final Duration limit;

  /** Whether a server has taken the node, or brought a request. Never taken back. */
  private volatile boolean served;

  /** Whether the node has asked itself in vain. For one check after the other. */
  private volatile boolean inVain;

  /**
   * Checks nothing yet.
   *
   * @param timer runs a task after a delay, unless the node is closed by then
   * @param executor runs what blocks
   * @param limit the time for the question of this node to itself
   */
  ServedCheck(
      BiConsumer<Duration, Runnable> timer,
      Executor executor,
      ClusterNode cluster,
      PeerClient client,
      Duration limit) {
    this.timer = timer;
    this.executor = executor;
    this.cluster = cluster;
    this.client = client;
    this.limit = limit;
  }

  /** Notes that a server has taken the node, or brought a request. */
  void noteServer() {
    if (!served) {
      served = true;
    }
  }

  /** Begins. It ends with the first sign of a server, with the warning, or with the node. */
  void begin() {
    timer.accept(PATIENCE, this::check);
  }

  /** A node that knows its URL and is in no list is told of elsewhere. */
  private void check() {
    if (served) {
      return;
    }
    ClusterView view = cluster.clusterView();
    if (cluster.peers().isEmpty() || (view.self() == null && cluster.ownName() != null)) {
      begin();
      return;
    }
    try {
      executor.execute(() -> warnUnlessServed(view.self(), List.copyOf(view.urls())));
    } catch (RejectedExecutionException | OutOfMemoryError noThread) {
      begin();
    }
  }

  /** A node that does not know its URL has met all nodes by now, to find itself. */
  private void warnUnlessServed(@Nullable String url, List<String> nodes) {
    String trouble =
        url == null ? "none of the nodes " + nodes + " is this one" : "at " + url + ": " + ask(url);
    if (served) {
      return;
    }
    if (!inVain) {
      inVain = true;
      begin();
      return;
    }
    log.warn(
        "nothing serves this node. No request has reached it, not even its own ({}). Other nodes"
            + " can neither ask it nor tell it changes. Register geecache.web.HTTPPoolServlet for"
            + " {}* and for reads (with Spring Boot, spring-boot-starter-web brings it), and let"
            + " geecache.self be the URL where it answers. If this node is only to ask others, leave"
            + " it out of their geecache.peers",
        ControlCharacters.escape(trouble),
        Request.Mapping.NODES.path());
  }

  /** Asks this node where it should answer, which it notes; returns what else has answered. */
  private String ask(String url) {
    Question question = Question.get(URI.create(url), PATH, new String[0], limit);
    try {
      return "another node answers, of the id "
          + Long.toHexString(client.ask(question, PeerReply::node));
    } catch (IOException failure) {
      return String.valueOf(failure.getMessage());
    }
  }
}
