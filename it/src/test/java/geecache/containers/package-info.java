/**
 * The WAR in the real distributions of servlet containers: each is started as a process of its own,
 * and one HTTP contract is asked of all of them.
 */
@NullMarked
package geecache.containers;

import org.jspecify.annotations.NullMarked;
