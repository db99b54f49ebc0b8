/** {@code bench/run evict-rounds}: what Spring's caches answer after an evict. */
@NullMarked
package geecache.bench.spring;

import org.jspecify.annotations.NullMarked;
