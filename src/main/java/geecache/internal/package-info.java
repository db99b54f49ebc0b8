/**
 * What several packages need and no user: escaping of text for logs, and daemon threads. Not API.
 */
@NullMarked
package geecache.internal;

import org.jspecify.annotations.NullMarked;
