package geecache;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a flight or a fetch: an entry or a failure.
 *
 * @param entry the entry that was loaded, or an old one in its stead; null if there is none
 * @param stored whether {@code entry} was put into the store by this attempt
 * @param stale whether the source failed and {@code entry} is past its end
 * @param failure why there is no entry; null if there is one
 * @param grant the right to load the key, which one get alone is given; null for an outcome
 */
record LoadOutcome(
    @Nullable Entry entry,
    boolean stored,
    boolean stale,
    @Nullable CacheException failure,
    @Nullable Grant grant) {

  /** The outcome of a fetch that no peer answered: the key has to be loaded here. */
  static final LoadOutcome NO_PEER_ANSWERED = new LoadOutcome(null, false, false, null, null);

  /**
   * The outcome of a flight if even its running fails, for instance because the stack ends there.
   */
  static final LoadOutcome FAULT = failed(new LoadException("load failed"));

  /** The outcome of a flight that was given up before it ran, since no get waited for it. */
  static final LoadOutcome UNWANTED = failed(new LoadException("no get waits for this load"));

  /** What came of a flight whose getter has to be asked for this key alone: no outcome yet. */
  static final LoadOutcome ALONE = failed(new LoadException("to be loaded alone"));

  static LoadOutcome loaded(Entry entry, boolean stored) {
    return new LoadOutcome(entry, stored, false, null, null);
  }

  static LoadOutcome stale(Entry entry) {
    return new LoadOutcome(entry, false, true, null, null);
  }

  static LoadOutcome closed() {
    return failed(new ClosedException());
  }

  static LoadOutcome failed(CacheException failure) {
    return new LoadOutcome(null, false, false, failure, null);
  }

  /** The outcome of a load that nobody can run: the group has no getter, and no get a loader. */
  static LoadOutcome unfilled(String key) {
    return failed(KeyNotFoundException.unfilled(key));
  }

  /** What one get is given that is to load the key. */
  static LoadOutcome leased(Grant grant) {
    return new LoadOutcome(null, false, false, null, grant);
  }

  /** Whether nobody could load the key: a get with a loader tries again. */
  boolean isUnfilled() {
    return failure instanceof KeyNotFoundException absent && absent.isUnfilled();
  }

  Entry entryOrThrow() throws CacheException {
    if (failure != null) {
      throw failure;
    }
    return Objects.requireNonNull(entry);
  }
}
