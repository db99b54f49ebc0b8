package geecache;

import org.jspecify.annotations.Nullable;

/**
 * One question to a peer under way. Where no peer answers it lands as {@link
 * LoadOutcome#NO_PEER_ANSWERED}.
 */
final class Fetch extends Attempt {
  /**
   * The load that replaces this fetch if no peer answered, shared by all its waiters: a load that
   * failed at once is not begun again by each. It is no older than the gets that wait. Guarded by
   * the fetch.
   */
  @Nullable Flight load;

  Fetch(String group, String key, long stamp) {
    super(group, key, stamp);
  }
}
