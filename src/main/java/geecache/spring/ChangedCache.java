package geecache.spring;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A cache as a transaction changes it, once it is committed. What fails is told, not thrown. */
interface ChangedCache {
  /**
   * Puts a value.
   *
   * @param since when it was read, at the earliest: it is not stored if the key was removed since
   *     then; null if it replaces whatever is there
   */
  void putNow(String text, Object key, Stored stored, @Nullable Long since);

  /** Evicts keys, which are given by their texts. */
  void evictNow(Map<String, Object> keys);

  void clearNow();
}
