package geecache.cluster;

/**
 * The counts of a node over all its peers since it began.
 *
 * @param failures requests that a peer did not answer
 * @param refused keys that were not asked for because too many keys waited for the same peer, or
 *     all connections to it were in use
 * @param pending answers that were not kept open for keys that were loading, because too many were
 *     open, or the asking node did not want to wait
 * @param viewDifferences requests by nodes with another view than this one
 * @param handedOver entries that other nodes took from this node when it left
 * @param taken entries that this node took from nodes that left
 * @param notTaken entries that this node refused: it does not own the key, has a fresh value, or
 *     knows that the key was removed
 * @param bodiesRefused requests whose body was not read: too many were being read, they took too
 *     many bytes, or it took too long
 * @param answersRefused requests whose answer was not written, since large answers took too much of
 *     the heap, or too many threads of the container
 * @param named nodes whose names callers of changes were given, since they did not acknowledge
 */
public record PeerStats(
    long failures,
    long refused,
    long pending,
    long viewDifferences,
    long handedOver,
    long taken,
    long notTaken,
    long bodiesRefused,
    long answersRefused,
    long named) {}
