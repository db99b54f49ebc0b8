/**
 * What several packages need and no user: escaping of text for logs, daemon threads, and how
 * threads wait. Not API.
 */
@NullMarked
package geecache.internal;

import org.jspecify.annotations.NullMarked;
