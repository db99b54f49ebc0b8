/**
 * Who the nodes of a cluster are, contact between them, changes and what is remembered of them,
 * joining, leaving and handing over. Knows no HTTP, no clock, no thread and no chance of its own:
 * it speaks to another node through a {@link geecache.cluster.NodeLink}, and is given the rest as a
 * {@link geecache.cluster.ClusterRuntime}, so that whole clusters can run inside a test.
 */
@NullMarked
package geecache.cluster;

import org.jspecify.annotations.NullMarked;
