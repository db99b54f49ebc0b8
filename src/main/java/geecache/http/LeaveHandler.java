package geecache.http;

import geecache.cluster.ClusterNode;
import geecache.cluster.LeaveReport;
import geecache.http.Reply.Status;
import java.util.concurrent.CompletableFuture;

/**
 * Answers {@code /_cluster/leave}, for operators and their scripts: {@code POST} makes the node
 * leave, and is answered when it has left; {@code GET} returns the progress; {@code DELETE} makes
 * the node stay.
 */
final class LeaveHandler {
  static final String PATH = "/leave";

  private final ClusterNode cluster;

  LeaveHandler(ClusterNode cluster) {
    this.cluster = cluster;
  }

  CompletableFuture<Reply> answer(Request request) {
    return switch (request.method()) {
      case "POST" -> leave();
      case "GET" ->
          CompletableFuture.completedFuture(
              line(cluster.leaving().map(LeaveReport::toString).orElse("not leaving")));
      case "DELETE" -> {
        cluster.stay();
        yield CompletableFuture.completedFuture(line("not leaving"));
      }
      default ->
          CompletableFuture.completedFuture(
              Reply.error(405, Status.METHOD_NOT_ALLOWED, "method not allowed")
                  .with("Allow", "GET, POST, DELETE"));
    };
  }

  private CompletableFuture<Reply> leave() {
    try {
      return cluster.leave().thenApply(report -> line(report.toString()));
    } catch (IllegalStateException refused) {
      return CompletableFuture.completedFuture(
          Reply.error(403, Status.FORBIDDEN, refused.getMessage()));
    }
  }

  private static Reply line(String text) {
    return Reply.line(200, Status.OK, text);
  }
}
