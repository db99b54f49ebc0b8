package geecache;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Another node of the same cluster, as a {@link PeerPicker} picks it. Safe for many threads. */
public interface Peer {
  /** The callers who wait for the answer to one question. */
  interface Callers {
    /** Returns how long one of them still waits; asked whenever the question is sent. */
    Duration left();

    /**
     * Notes whether the key waits: to be asked for, or for a place of its load. Callers who give up
     * then are told that there is too much to do. It does not wait if the peer says nothing.
     */
    void noteQueued(boolean waits);
  }

  /** Returns its base URL, which names it in rings, logs and failures. */
  String url();

  /**
   * Asks the peer for {@code key}. Never blocks and never throws. Dependent actions must be short.
   *
   * @return the peer's value. Fails with a {@link CacheException} if that is the peer's answer, and
   *     with any other exception if the peer gave none: then another node may be asked
   */
  CompletableFuture<PeerValue> get(LocalGroup group, String key, Callers callers);
}
