package geecache.testing;

import geecache.Geecache;
import geecache.Ticker;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a node is made of that no setting has.
 *
 * @param groups gives it its groups, when it is there and before it answers
 * @param ticker its clock; null for the system's
 * @param loaderThreads how many threads run getters; 0 for as many as needed
 */
record NodeParts(Consumer<Geecache> groups, @Nullable Ticker ticker, int loaderThreads) {
  static NodeParts none() {
    return new NodeParts(geecache -> {}, null, 0);
  }
}
