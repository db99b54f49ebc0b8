/** Which peer owns which key: consistent hashing, and nothing of the network. */
@NullMarked
package geecache.ring;

import org.jspecify.annotations.NullMarked;
