/**
 * The cache: a node, its groups, and the engine that loads values, keeps them and answers gets.
 * Knows no HTTP and no log format. Of servlets it knows one type, as the place where a web
 * application finds its node.
 */
@NullMarked
package geecache;

import org.jspecify.annotations.NullMarked;
