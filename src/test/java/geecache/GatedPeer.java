package geecache;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A peer each question to which is open until a test says what comes of it. */
public final class GatedPeer implements FuturePeer {

  /** One question that waits for its answer. */
  public record Question(
      LocalGroup group, String key, Peer.Question callers, CompletableFuture<PeerValue> outcome) {
    /** Answers with {@code value}, which has no end. */
    public void answer(String value) {
      answer(new PeerValue(ByteView.of(value), null, null, false, null));
    }

    /** Answers with {@code fetched}. */
    public void answer(PeerValue fetched) {
      outcome.complete(fetched);
    }

    /** Fails with {@code failure}; a {@link CacheException} is an answer, all else is none. */
    public void fail(Throwable failure) {
      outcome.completeExceptionally(failure);
    }
  }

  private final String url;
  private final BlockingQueue<Question> questions = new LinkedBlockingQueue<>();
  private final List<Question> asked = new CopyOnWriteArrayList<>();

  /** Makes a peer that was not asked yet. */
  public GatedPeer(String url) {
    this.url = url;
  }

  @Override
  public String url() {
    return url;
  }

  @Override
  public CompletableFuture<PeerValue> get(LocalGroup group, String key, Peer.Question callers) {
    Question question = new Question(group, key, callers, new CompletableFuture<>());
    asked.add(question);
    questions.add(question);
    return question.outcome();
  }

  /** Waits until the peer is asked, and returns that question. */
  public Question next() throws InterruptedException {
    Question question = questions.poll(60, TimeUnit.SECONDS);
    if (question == null) {
      throw new AssertionError("the peer was not asked");
    }
    return question;
  }

  /** Returns the keys of all questions so far. */
  public List<String> keys() {
    return asked.stream().map(Question::key).toList();
  }

  /** Gives no answer to open questions. */
  void close() {
    asked.forEach(question -> question.fail(new IllegalStateException("closed")));
  }
}
