package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.cluster.LinkFailure;
import geecache.cluster.ObservedPeer;
import geecache.http.PeerClient.Question;
import geecache.http.Reply.Status;
import geecache.internal.JsonSyntax;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks all peers for what they tell operators, side by side, within a bound of time and of bytes. A
 * peer that does not answer has not failed for anything else.
 */
final class PeerReports {
  private static final int LONGEST = 1 << 20;
  private static final int LONGEST_OF_ALL = 16 << 20;

  /**
   * What a node has told.
   *
   * @param url of the node; null for this one, if it does not know its own
   * @param json its answer, an object; null if there is none
   * @param view the fingerprint of its view; null if it told none
   * @param failure why there is no answer; null if there is one
   */
  record Told(
      @Nullable String url,
      @Nullable String json,
      @Nullable String view,
      @Nullable String failure) {
    static Told failed(String url, String why) {
      return new Told(url, null, null, why);
    }

    /** Whether it told another view than {@code other} did. */
    boolean hasOtherView(Told other) {
      return view != null && !view.equals(other.view);
    }
  }

  private final PeerClient client;
  private final PeerThreads threads;
  private final Duration timeout;

  /** Each question to all holds a thread and a connection for each peer. */
  private final Semaphore places = new Semaphore(PeerClient.REPORTS);

  PeerReports(PeerClient client, PeerThreads threads, PeerOptions options) {
    this.client = client;
    this.threads = threads;
    this.timeout = options.timeout();
  }

  /**
   * Asks {@code peers}. Never blocks.
   *
   * @param question the path below that of messages between nodes, and the query
   * @return what each of them told, in their order; never fails. Null if all nodes are being asked
   *     too often already
   */
  @Nullable CompletableFuture<List<Told>> ask(String question, List<ObservedPeer> peers) {
    if (!places.tryAcquire()) {
      return null;
    }
    CompletableFuture<List<Told>> told = null;
    try {
      told = askAll(question, peers);
      told.whenComplete((all, failure) -> places.release());
      return told;
    } finally {
      if (told == null) {
        places.release();
      }
    }
  }

  private CompletableFuture<List<Told>> askAll(String question, List<ObservedPeer> peers) {
    int longest = Math.min(LONGEST, LONGEST_OF_ALL / Math.max(1, peers.size()));
    List<CompletableFuture<Told>> answers =
        peers.stream().map(peer -> ask(question, peer, longest)).toList();
    return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
        .thenApply(none -> answers.stream().map(CompletableFuture::join).toList());
  }

  /** The peer may be silent for a while at each step; all together is bounded here. */
  private CompletableFuture<Told> ask(String question, ObservedPeer peer, int longest) {
    String url = peer.url();
    CompletableFuture<Told> told = new CompletableFuture<>();
    if (peer.isGoNode()) {
      told.complete(Told.failed(url, "a Go node tells nothing of itself"));
      return told;
    }
    Duration limit = timeout.multipliedBy(3);
    try {
      threads.executor().execute(() -> told.complete(read(question, url, longest)));
      Future<?> timer =
          threads
              .timer()
              .schedule(
                  () ->
                      told.complete(
                          Told.failed(url, "no answer within " + limit.toMillis() + " ms")),
                  limit.toMillis(),
                  TimeUnit.MILLISECONDS);
      told.whenComplete((answer, failure) -> timer.cancel(false));
    } catch (RejectedExecutionException | OutOfMemoryError noThread) {
      told.complete(Told.failed(url, "this node is closed, or has no thread"));
    }
    return told;
  }

  /** Never throws. */
  private Told read(String question, String url, int longest) {
    try {
      String path = Request.Mapping.NODES.path() + question;
      return client.ask(
          Question.get(URI.create(url), path, new String[0], timeout.multipliedBy(2)),
          reply -> told(url, reply, longest));
    } catch (LinkFailure failure) {
      return Told.failed(url, String.valueOf(failure.getMessage()));
    } catch (IOException | RuntimeException | Error failure) {
      return Told.failed(url, "it does not answer (" + failure + ")");
    }
  }

  private static Told told(String url, PeerReply reply, int longest) throws IOException {
    if (!reply.status().equals(Status.OK.token())) {
      return Told.failed(url, reply.code() + ": " + reply.message());
    }
    byte[] body = reply.bytes(longest);
    try {
      String json = UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      if (JsonSyntax.isObject(json)) {
        return new Told(url, json, reply.headers().get(PeerHeaders.VIEW), null);
      }
    } catch (CharacterCodingException malformed) {
      // As any other answer that is no JSON.
    }
    return Told.failed(url, "its answer is no JSON object");
  }
}
