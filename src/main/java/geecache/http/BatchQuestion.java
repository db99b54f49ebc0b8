package geecache.http;

import com.google.protobuf.CodedInputStream;
import geecache.KeyNotFoundException;
import geecache.LoadException;
import geecache.LoadTimeoutException;
import geecache.LocalGroup;
import geecache.OverloadedException;
import geecache.PeerValue;
import geecache.http.BatchCodec.Frame;
import geecache.http.BatchCodec.Kind;
import geecache.http.PeerClient.Question;
import geecache.http.Reply.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks a peer for many keys of one group in one {@code POST}, and reads its frames as they come.
 */
final class BatchQuestion {
  private static final long ASK_AGAIN_MILLIS = 250;

  private final HTTPPeer peer;
  private final PeerLinks links;

  BatchQuestion(HTTPPeer peer, PeerLinks links) {
    this.peer = peer;
    this.links = links;
  }

  /**
   * Asks, and gives everybody their answer as it comes.
   *
   * @param turn is told when the rest of the answer comes later
   * @return false if the peer does not know this form of request
   * @throws IOException if the answer fails; those who have theirs by then keep it
   */
  boolean ask(List<Wanted> batch, SendQueue.Turn turn) throws IOException {
    LocalGroup group = batch.get(0).group;
    List<BatchCodec.Ask> asks =
        batch.stream()
            .map(w -> new BatchCodec.Ask(w.key, w.removed(links.removals()), w.onlyIfCached))
            .toList();
    byte[] body = BatchCodec.request(new BatchCodec.Asked(turn.mayPark(), asks));
    Question question =
        Question.post(
            peer.base(),
            links.basePath() + group.name(),
            new String[] {PeerMark.VIEW_HEADER, Long.toHexString(links.fingerprint().getAsLong())},
            BatchCodec.CONTENT_TYPE,
            body,
            Wanted.longest(group).plus(links.options().silence()));
    return links.client().ask(question, reply -> read(reply, batch, turn));
  }

  private boolean read(PeerReply reply, List<Wanted> batch, SendQueue.Turn turn)
      throws IOException {
    peer.requireKnown(reply);
    if (reply.status().equals(Status.METHOD_NOT_ALLOWED.token())
        || reply.status().equals(Status.UNSUPPORTED.token())) {
      return false;
    }
    if (!reply.status().equals(Status.OK.token())) {
      throw PeerFailure.refused(peer.url() + " refused: " + reply.message());
    }
    if (!BatchCodec.CONTENT_TYPE.equals(reply.headers().get("Content-Type"))) {
      throw PeerFailure.silent(peer.url() + " sent something else than frames", null);
    }
    CodedInputStream frames = BatchCodec.frames(reply.body());
    int maxValueBytes = batch.get(0).group.maxValueBytes();
    boolean[] answered = new boolean[batch.size()];
    boolean parked = false;
    for (int open = batch.size(); open > 0; ) {
      Frame frame = BatchCodec.read(frames, maxValueBytes);
      reply.progress().run();
      if (frame.kind() == Kind.REST_PENDING && !parked) {
        parked = true;
        turn.park();
      } else if (frame.kind() != Kind.KEEP_ALIVE && frame.kind() != Kind.REST_PENDING) {
        if (frame.index() < 0 || frame.index() >= answered.length || answered[frame.index()]) {
          throw PeerFailure.silent(peer.url() + " answered what it was not asked", null);
        }
        answered[frame.index()] = true;
        open--;
        answer(batch.get(frame.index()), frame);
      }
    }
    if (!frames.isAtEnd()) {
      throw PeerFailure.silent(peer.url() + " answered more than it was asked", null);
    }
    return true;
  }

  private void answer(Wanted wanted, Frame frame) {
    switch (frame.kind()) {
      case VALUE, STALE_VALUE ->
          wanted.is(
              new PeerValue(
                  frame.bytes(),
                  millis(frame.ageMillis()),
                  millis(frame.lifeMillis()),
                  frame.kind() == Kind.STALE_VALUE));
      case NO_SUCH_KEY -> wanted.fails(new KeyNotFoundException(frame.bytes().toString()));
      case LOAD_FAILED -> wanted.fails(new LoadException(frame.bytes().toString()));
      case LOAD_TIMEOUT -> wanted.fails(new LoadTimeoutException(frame.bytes().toString(), null));
      case OVERLOADED -> wanted.fails(new OverloadedException(frame.bytes().toString()));
      case NOT_CACHED -> wanted.isNotCached();
      case PENDING -> peer.askAgain(wanted, ASK_AGAIN_MILLIS);
      case BAD_KEY, INTERNAL_ERROR, CLOSED, REST_PENDING, KEEP_ALIVE ->
          wanted.isNowhere(PeerFailure.refused(peer.url() + " refused: " + frame.bytes()));
    }
  }

  private static @Nullable Duration millis(long millis) {
    return millis < 0 ? null : Duration.ofMillis(millis);
  }
}
