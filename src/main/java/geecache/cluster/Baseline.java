package geecache.cluster;

import geecache.Stamp;

/**
 * Stands for changes that a node does not remember one by one any more. A node that misses some of
 * them clears all its groups, except of values that were set later, and knows them all then.
 *
 * @param known the changes
 * @param latest the latest of their stamps
 */
public record Baseline(VersionVector known, Stamp latest) {}
