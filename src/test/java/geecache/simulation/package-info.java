/**
 * A search of whole simulated clusters: a seed decides on faults and on what callers do, and every
 * answer is checked against the promises.
 */
@NullMarked
package geecache.simulation;

import org.jspecify.annotations.NullMarked;
