/** Bounded stores of one node's entries. They know bytes and recency, and nothing of groups. */
@NullMarked
package geecache.cache;

import org.jspecify.annotations.NullMarked;
