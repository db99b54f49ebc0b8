package geecache.cluster;

/**
 * What a node has counted of its peers since it began.
 *
 * @param failures requests that a peer did not answer
 * @param refused keys that were not asked for, since too many were waiting for the same peer, or
 *     all connections to it were in use
 * @param pending answers that were not kept open for keys which were loading, since too many were,
 *     or the asking node did not want to wait
 * @param viewDifferences requests by nodes which see another cluster than this one
 * @param handedOver entries that others took from this node when it left
 * @param taken entries that this node took from others which left
 * @param notTaken entries that it did not take: it does not own the key, has it, or knows that it
 *     was removed
 */
public record PeerStats(
    long failures,
    long refused,
    long pending,
    long viewDifferences,
    long handedOver,
    long taken,
    long notTaken) {}
