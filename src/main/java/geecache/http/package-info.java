/** The HTTP contract of a node, free of servlet types: a request goes in, a reply comes out. */
@NullMarked
package geecache.http;

import org.jspecify.annotations.NullMarked;
