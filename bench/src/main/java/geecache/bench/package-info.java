/** Measures the product against its goals. Each benchmark is a main class, started by bench/run. */
@NullMarked
package geecache.bench;

import org.jspecify.annotations.NullMarked;
