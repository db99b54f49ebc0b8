/**
 * The cache itself: a node, its groups, and what a group loads, keeps and answers. Knows no HTTP
 * and no log format; of servlets it knows one type, as the place where a web application finds its
 * node.
 */
@NullMarked
package geecache;

import org.jspecify.annotations.NullMarked;
