/**
 * {@code bench/run remote-get}: what it costs to get a value that another process has, by geecache
 * and by others.
 */
@NullMarked
package geecache.bench.remote;

import org.jspecify.annotations.NullMarked;
