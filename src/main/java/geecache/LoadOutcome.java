package geecache;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What came of a flight: an entry or a failure.
 *
 * @param entry what was loaded, or an old value in its stead; null if it failed
 * @param stored whether {@code entry} was put into the store by this flight
 * @param stale whether the source failed and {@code entry} is past its end
 * @param failure why there is no entry; null if there is one
 */
record LoadOutcome(
    @Nullable Entry entry, boolean stored, boolean stale, @Nullable CacheException failure) {

  /** What a fetch lands with when no peer answered: the key is to be loaded here. */
  static final LoadOutcome NO_PEER_ANSWERED = new LoadOutcome(null, false, false, null);

  /** What a flight lands with if even its running fails, as when the stack ends just there. */
  static final LoadOutcome FAULT = failed(new LoadException("load failed"));

  static LoadOutcome loaded(Entry entry, boolean stored) {
    return new LoadOutcome(entry, stored, false, null);
  }

  static LoadOutcome stale(Entry entry) {
    return new LoadOutcome(entry, false, true, null);
  }

  static LoadOutcome closed() {
    return failed(new ClosedException());
  }

  static LoadOutcome failed(CacheException failure) {
    return new LoadOutcome(null, false, false, failure);
  }

  Entry entryOrThrow() throws CacheException {
    if (failure != null) {
      throw failure;
    }
    return Objects.requireNonNull(entry);
  }
}
