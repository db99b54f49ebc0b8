/** Keys that outlive a restart: they are kept in files, and loaded again at the start. */
@NullMarked
package geecache.snapshot;

import org.jspecify.annotations.NullMarked;
