/**
 * What operators see of a node: meters for Micrometer, a page for Prometheus, beans for JMX. All of
 * it is read from what the node counts anyway; only durations are told to meters as they come. Of
 * this package, only the beans work without Micrometer.
 */
@NullMarked
package geecache.metrics;

import org.jspecify.annotations.NullMarked;
