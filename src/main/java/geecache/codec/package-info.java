/**
 * How the keys and values of typed groups become text and bytes. Knows no group; Jackson is needed
 * for JSON alone.
 */
@NullMarked
package geecache.codec;

import org.jspecify.annotations.NullMarked;
