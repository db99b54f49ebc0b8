package geecache.cluster;

import java.time.Duration;
import java.util.Set;

/**
 * Options of a node in a cluster. Their source has checked them.
 *
 * @param changesAllowed whether there is a secret; without one nothing can be changed, and removals
 *     that other nodes name are ignored
 * @param timeout how long a peer may be silent before it counts as failed
 * @param maxOpenAnswers the most answers of one peer that stay open for keys that are loading
 * @param maxQueuedKeys the most keys that wait to be asked of one peer
 * @param removalLogSize the most removals that are remembered for nodes that are out of contact
 * @param maxChanges the most changes of this node's callers that are under way at a time
 * @param warmJoin how long after a change of the nodes a former owner is asked before the source;
 *     zero to never ask
 * @param handoff the most time for handing entries over when this node leaves; zero to hand over
 *     nothing
 * @param readyRequiresContact whether a node that has just started is ready only once it is in
 *     contact with a peer, if there is one that answers
 * @param goRing whether the ring is golang/groupcache's, and Go nodes may be among the nodes
 * @param goNodes the URLs of the Go nodes; unmodifiable
 */
public record ClusterOptions(
    boolean changesAllowed,
    Duration timeout,
    int maxOpenAnswers,
    int maxQueuedKeys,
    int removalLogSize,
    int maxChanges,
    Duration warmJoin,
    Duration handoff,
    boolean readyRequiresContact,
    boolean goRing,
    Set<String> goNodes) {}
