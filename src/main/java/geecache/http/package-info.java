/**
 * The HTTP contract of a node, free of servlet types: a request goes in, a reply comes out. And the
 * other nodes of its cluster, as it asks them for values and tells them of changes.
 */
@NullMarked
package geecache.http;

import org.jspecify.annotations.NullMarked;
