package geecache;

import java.util.concurrent.CompletableFuture;

/** Another node of the same cluster, as a {@link PeerPicker} picks it. Safe for many threads. */
public interface Peer {
  /** Returns its base URL, which names it in rings, logs and failures. */
  String url();

  /**
   * Asks the peer for {@code key}. Never blocks and never throws. Dependent actions must be short.
   *
   * @return the peer's value; or fails with a {@link CacheException}, which is the peer's answer,
   *     or with anything else, if it gave none: then the key is to be had elsewhere
   */
  CompletableFuture<PeerValue> get(LocalGroup group, String key);
}
