package geecache;

import java.util.concurrent.CompletableFuture;

/** Another node of the same cluster, as a {@link PeerPicker} picks it. Safe for many threads. */
public interface Peer {
  /** Returns its base URL, which names it in rings, logs and failures. */
  String url();

  /**
   * Asks the peer for {@code key}. Never blocks and never throws. Dependent actions must be short.
   *
   * @return the peer's value. Fails with a {@link CacheException} if that is the peer's answer, and
   *     with any other exception if the peer gave none: then another node may be asked
   */
  CompletableFuture<PeerValue> get(LocalGroup group, String key);
}
