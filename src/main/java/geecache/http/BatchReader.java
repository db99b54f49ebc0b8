package geecache.http;

import geecache.KeyNotFoundException;
import geecache.LoadException;
import geecache.LoadTimeoutException;
import geecache.OverloadedException;
import geecache.PeerValue;
import geecache.cluster.LinkFailure;
import geecache.cluster.ReadLink.Answers;
import geecache.cluster.ReadLink.Batch;
import geecache.http.BatchCodec.Frame;
import geecache.http.BatchCodec.Kind;
import geecache.http.FrameReader.TooLongValue;
import geecache.http.PeerClient.Question;
import geecache.http.Reply.Status;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reads many keys of one group from a node by one {@code POST}, frame by frame. */
final class BatchReader {
  private static final long ASK_AGAIN_MILLIS = 250;

  private final String url;
  private final URI base;
  private final PeerClient client;
  private final String basePath;

  BatchReader(String url, PeerClient client, String basePath) {
    this.url = url;
    this.base = URI.create(url);
    this.client = client;
    this.basePath = basePath;
  }

  /**
   * Reads, and passes on the answer to each key when it comes.
   *
   * @return false if the node does not know this form of request
   * @throws IOException if the answer fails; keys that were answered before stay answered
   */
  boolean read(Batch batch, Answers answers) throws IOException {
    byte[] body =
        BatchCodec.request(
            new BatchCodec.BatchRead(batch.mayStayOpen(), batch.keys(), batch.required()));
    Question question =
        Question.post(
            base,
            basePath + batch.group().name(),
            new String[] {PeerHeaders.VIEW, Long.toHexString(batch.view())},
            BatchCodec.CONTENT_TYPE,
            body,
            batch.limit());
    return client.ask(question, reply -> read(reply, batch, answers));
  }

  private boolean read(PeerReply reply, Batch batch, Answers answers) throws IOException {
    answers.begin(reply.node());
    if (reply.status().equals(Status.METHOD_NOT_ALLOWED.token())
        || reply.status().equals(Status.UNSUPPORTED.token())) {
      return false;
    }
    if (reply.status().equals(Status.BEHIND.token())) {
      reply.message();
      throw LinkFailure.behind(url);
    }
    if (reply.status().equals(Status.OVERLOADED.token())) {
      String message = reply.message();
      for (int i = 0; i < batch.keys().size(); i++) {
        answers.failure(i, new OverloadedException(message)); // The source is not asked instead.
      }
      return true;
    }
    if (!reply.status().equals(Status.OK.token())) {
      throw LinkFailure.refused(url + " refused: " + reply.message());
    }
    if (!BatchCodec.CONTENT_TYPE.equals(reply.headers().get("Content-Type"))) {
      throw LinkFailure.silent(url + " did not answer with frames", null);
    }
    FrameReader frames = new FrameReader(reply.stream());
    int maxValueBytes = batch.group().maxValueBytes();
    boolean[] answered = new boolean[batch.keys().size()];
    boolean parked = false;
    for (int open = answered.length; open > 0; ) {
      Frame frame;
      try {
        frame = frames.read(maxValueBytes);
      } catch (TooLongValue refused) { // The failure of that key alone: the peer is well.
        requireOpen(answered, refused.index);
        open--;
        answers.failure(refused.index, PeerReply.tooLong(refused.length, maxValueBytes));
        continue;
      } finally {
        reply.progress().run();
      }
      if (frame.known() != null) {
        answers.knows(frame.known());
      }
      if (frame.kind() == Kind.REST_PENDING && !parked) {
        parked = true;
        answers.restComesLater();
      } else if (frame.kind() != Kind.KEEP_ALIVE && frame.kind() != Kind.REST_PENDING) {
        requireOpen(answered, frame.index());
        open--;
        answer(batch, answers, frame);
      }
    }
    if (!frames.isAtEnd()) {
      throw LinkFailure.silent(url + " sent more bytes after its last answer", null);
    }
    return true;
  }

  /** Notes that the key was answered. */
  private void requireOpen(boolean[] answered, int index) throws LinkFailure {
    if (index < 0 || index >= answered.length || answered[index]) {
      throw LinkFailure.silent(
          url + " answered a key twice, or one that it was not asked for", null);
    }
    answered[index] = true;
  }

  private void answer(Batch batch, Answers answers, Frame frame) {
    int index = frame.index();
    switch (frame.kind()) {
      case VALUE, STALE_VALUE ->
          answers.value(
              index,
              new PeerValue(
                  frame.bytes(),
                  millis(frame.ageMillis()),
                  millis(frame.lifeMillis()),
                  frame.endless() || frame.lifeMillis() < 0,
                  frame.kind() == Kind.STALE_VALUE,
                  frame.change(),
                  frame.rate()));
      case NO_SUCH_KEY -> answers.failure(index, new KeyNotFoundException(message(frame)));
      case LOAD_FAILED -> answers.failure(index, new LoadException(message(frame)));
      case LOAD_TIMEOUT -> answers.failure(index, new LoadTimeoutException(message(frame), null));
      case LEASED -> answers.leased(index, frame.lease());
      case UNFILLED ->
          answers.failure(index, KeyNotFoundException.unfilled(batch.keys().get(index).key()));
      case OVERLOADED -> answers.failure(index, new OverloadedException(message(frame)));
      case NOT_CACHED -> answers.notCached(index);
      case PENDING -> answers.pending(index, ASK_AGAIN_MILLIS, frame.queued());
      case BAD_KEY, INTERNAL_ERROR, CLOSED, REST_PENDING, KEEP_ALIVE ->
          answers.refused(index, LinkFailure.refused(url + " refused: " + message(frame)));
    }
  }

  private static String message(Frame frame) {
    return frame.bytes().toString();
  }

  private static @Nullable Duration millis(long millis) {
    return millis < 0 ? null : Duration.ofMillis(millis);
  }
}
