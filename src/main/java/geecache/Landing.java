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
record Landing(
    @Nullable Entry entry, boolean stored, boolean stale, @Nullable CacheException failure) {

  /** What a fetch lands with when no peer answered: the key is to be loaded here. */
  static final Landing NOWHERE = new Landing(null, false, false, null);

  /** What a flight lands with if even its running fails, as when the stack ends just there. */
  static final Landing FAULT = failed(new LoadException("load failed"));

  static Landing loaded(Entry entry, boolean stored) {
    return new Landing(entry, stored, false, null);
  }

  static Landing stale(Entry entry) {
    return new Landing(entry, false, true, null);
  }

  static Landing closed() {
    return failed(new ClosedException());
  }

  static Landing failed(CacheException failure) {
    return new Landing(null, false, false, failure);
  }

  Entry entryOrThrow() throws CacheException {
    if (failure != null) {
      throw failure;
    }
    return Objects.requireNonNull(entry);
  }
}
