/** Bounded stores of one node's entries. They know sizes, use and costs, and nothing of groups. */
@NullMarked
package geecache.cache;

import org.jspecify.annotations.NullMarked;
