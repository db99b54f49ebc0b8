package geecache.spring;

import java.util.Map;

/** A cache as a transaction changes it, once it is committed. What fails is told, not thrown. */
interface ChangedCache {
  void putNow(String text, Put put);

  /** Puts values on other threads, since each may have to wait for another caller's load. */
  void putLater(Map<String, Put> byText);

  /** Evicts keys, which are given by their texts. */
  void evictNow(Map<String, Object> keys);

  void clearNow();
}
