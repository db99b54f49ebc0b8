/** Nodes, and other processes, as several benchmarks start them. */
@NullMarked
package geecache.bench.nodes;

import org.jspecify.annotations.NullMarked;
