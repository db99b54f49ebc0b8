package geecache.bench.remote;

import java.util.List;

/** A side whose gets load what is in no memory, and store it on the other side. */
interface ColdNode extends Node {
  /** Whether the other side has the value of {@code key}. Loads nothing. */
  boolean isStored(String key);

  @Override
  default void fill(List<String> keys) {
    throw new UnsupportedOperationException("cold keys are not filled in");
  }
}
