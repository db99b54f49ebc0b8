package geecache.bench.remote;

import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * One side of a system with two: in the owner's process it only has to be there, in the caller's it
 * is asked. It ends with its process.
 */
interface Node {
  /** Waits until both sides know each other and it is settled which key is whose. */
  default void awaitOther() throws InterruptedException {}

  /** Returns the name of the key with this number. */
  default String key(int number) {
    return "customer/" + number;
  }

  /** Whether the other side owns {@code key}. */
  boolean isRemote(String key);

  /** Brings the values of these keys, which are the other side's, into its memory. */
  void fill(List<String> keys) throws Exception;

  /**
   * Returns the value of {@code key}, as an array of the caller's own. Blocks; for many threads.
   */
  byte[] get(String key) throws Exception;

  /**
   * Gives the values of all keys, by the one call that the system has for many, as arrays of the
   * caller's own. Blocks; for many threads.
   */
  default void getAll(Set<String> keys, BiConsumer<String, byte[]> values) throws Exception {
    throw new UnsupportedOperationException("there is no get of many keys");
  }

  /** Returns how many values are, or were made, on this side; where none is, each get went far. */
  long held();
}
