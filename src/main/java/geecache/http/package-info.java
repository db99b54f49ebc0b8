/**
 * The HTTP contract of a node, free of servlet types: a request goes in, a reply comes out. Also
 * the client side: how a node asks other nodes for values and tells them changes.
 */
@NullMarked
package geecache.http;

import org.jspecify.annotations.NullMarked;
