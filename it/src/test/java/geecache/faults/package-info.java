/**
 * A cluster of real nodes in processes of their own under faults at random, and the oracle that
 * judges what they answered: see {@code docs/faults.md}.
 */
@NullMarked
package geecache.faults;

import org.jspecify.annotations.NullMarked;
