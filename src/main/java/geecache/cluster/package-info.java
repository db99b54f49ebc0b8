/**
 * The rules of a cluster: the view of its nodes, contact between them, changes and the log of
 * removals, joining, leaving and handing over. It has no HTTP, clock, threads or random numbers of
 * its own: it speaks to another node through a {@link geecache.cluster.NodeLink}, and gets the rest
 * from a {@link geecache.cluster.ClusterRuntime}. So a whole cluster can run inside a test.
 */
@NullMarked
package geecache.cluster;

import org.jspecify.annotations.NullMarked;
