/** Tells which peer owns which key: consistent hashing, without any network. */
@NullMarked
package geecache.ring;

import org.jspecify.annotations.NullMarked;
