package geecache;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Another node of the same cluster, as a {@link PeerPicker} picks it. Safe for many threads. */
public interface Peer {
  /**
   * A key that a peer is asked for, and the callers who wait for it. The peer ends it once, by
   * {@link #answer} or {@link #fail}, on any thread, which takes short and never throws. Safe for
   * many threads.
   */
  interface Question {
    /** Returns the key. */
    String key();

    /** Returns how long one of the callers still waits; asked whenever the question is sent. */
    Duration left();

    /** Returns how many callers wait; asked whenever the question is sent. */
    default int callers() {
      return 1;
    }

    /**
     * Returns how often a copy of the value answered callers since the key was last asked for. They
     * are told once: the next call returns 0.
     */
    default int takeCopyHits() {
      return 0;
    }

    /** Returns the trace that the question is part of, as {@code traceparent}; null if of none. */
    default @Nullable String traceparent() {
      return null;
    }

    /**
     * Notes whether the key waits: to be asked for, or for a place of its load. Callers who give up
     * then are told that there is too much to do. It does not wait if the peer says nothing.
     */
    void noteQueued(boolean waits);

    /**
     * Notes that the peer has no answer yet, since the key is being loaded. A caller who can load
     * other keys does not wait for this one before.
     */
    default void noteLoading() {}

    /**
     * Whether a caller waits who can load the key under a lease; asked whenever the question is
     * sent to a node that gives leases.
     */
    default boolean canLoad() {
      return false;
    }

    /** Has a caller load the key, if one can still; else gives the lease back. */
    default void lease(Lease lease) {
      lease.end(LeaseEnd.givenBack());
    }

    /** Gives the callers the peer's value. */
    void answer(PeerValue value);

    /**
     * Fails. A {@link CacheException} is the peer's answer. With any other exception the peer gave
     * none: then another node may be asked.
     */
    void fail(Throwable failure);
  }

  /** The right to load a key, given by a peer. Until it ends, the peer is told that it lives. */
  interface Lease {
    /**
     * Ends this. Never blocks and never throws; once it has ended, does nothing.
     *
     * @return what the peer said; fails if it did not answer
     */
    CompletableFuture<LeaseEnd.Taken> end(LeaseEnd end);
  }

  /** Whether the peer gives leases, as far as is known now. */
  default boolean givesLeases() {
    return false;
  }

  /** Returns its base URL, which names it in rings, logs and failures. */
  String url();

  /** Asks {@code question}. Never blocks and never throws. */
  void ask(LocalGroup group, Question question);

  /** Asks many questions together. Never blocks and never throws. */
  default void askAll(LocalGroup group, List<? extends Question> questions) {
    questions.forEach(question -> ask(group, question));
  }

  /**
   * As {@link #askAll}, but may use the calling thread to send the questions and to read their
   * answers, for at most {@code limit} or until the thread is interrupted, both within the
   * precision of a quarter of a second. Questions that have no answer then go on without it.
   */
  default void askAllHere(LocalGroup group, List<? extends Question> questions, Duration limit) {
    askAll(group, questions);
  }
}
