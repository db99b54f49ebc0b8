package geecache.http;

import geecache.http.Reply.Status;
import java.util.concurrent.CompletableFuture;

/**
 * Answers {@code /_cluster/leave}, for operators and their scripts: {@code POST} has the node leave
 * and answers when it is done, {@code GET} says how far it is, {@code DELETE} has it stay.
 */
final class LeaveRequests {
  static final String PATH = "/leave";

  private final Departures departures;

  LeaveRequests(Departures departures) {
    this.departures = departures;
  }

  CompletableFuture<Reply> answer(Request request) {
    return switch (request.method()) {
      case "POST" -> leave();
      case "GET" ->
          CompletableFuture.completedFuture(
              line(departures.report().map(LeaveReport::toString).orElse("not leaving")));
      case "DELETE" -> {
        departures.stay();
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
      return departures.leave().thenApply(report -> line(report.toString()));
    } catch (IllegalStateException refused) {
      return CompletableFuture.completedFuture(
          Reply.error(403, Status.FORBIDDEN, refused.getMessage()));
    }
  }

  private static Reply line(String text) {
    return Reply.line(200, Status.OK, text);
  }
}
