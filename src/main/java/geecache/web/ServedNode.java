package geecache.web;

import geecache.Geecache;
import geecache.http.HTTPPool;
import geecache.settings.Settings;
import org.jspecify.annotations.Nullable;

/**
 * A node as servlets serve it.
 *
 * @param hosts those that requests may be for; null if every host is allowed
 */
record ServedNode(
    Geecache node, HTTPPool pool, ServletOptions options, @Nullable AllowedHosts hosts) {
  /**
   * Returns a node that was made in code.
   *
   * @throws IllegalArgumentException if it has no {@link HTTPPool}
   */
  static ServedNode of(Geecache node, ServletOptions options) {
    HTTPPool pool = HTTPPool.of(node);
    return new ServedNode(
        node, pool, options, AllowedHosts.of(options.hosts(), pool.nodes(), pool.self()));
  }

  /** Returns the node of a web application, which settings describe. */
  static ServedNode of(Geecache node, HTTPPool pool, Settings settings) {
    return new ServedNode(node, pool, ServletOptions.of(settings), AllowedHosts.of(settings));
  }
}
