package geecache;

import org.jspecify.annotations.Nullable;

/**
 * Knows which peer to ask for which key. The idea is groupcache's {@code PeerPicker}. Safe for use
 * by many threads; takes no lock.
 */
@FunctionalInterface
public interface PeerPicker {
  /** Returns the peer to ask for {@code key}; null if it is for this node to load. */
  @Nullable Peer pick(String key);
}
