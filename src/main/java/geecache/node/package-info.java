/** Whole nodes, made in code: groups, peers, and how nodes discover each other. */
@NullMarked
package geecache.node;

import org.jspecify.annotations.NullMarked;
