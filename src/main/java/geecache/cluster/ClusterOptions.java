package geecache.cluster;

import java.time.Duration;
import java.util.Set;

/**
 * The bounds within which a node deals with its peers. Checked where they are set.
 *
 * @param changesAllowed whether nodes know each other by a secret; without it nothing can be
 *     changed, and nobody can tell a node what to forget
 * @param timeout how long a peer may say nothing before it counts as failed
 * @param maxOpenAnswers the most answers of one peer that wait for keys which are loading
 * @param maxQueuedKeys the most keys that wait to be asked of one peer
 * @param removalLogSize the most removals that are remembered for nodes which are met again
 * @param warmJoin for how long, after the nodes have changed, a former owner is asked before the
 *     source; zero for not at all
 * @param handoff for how long entries are handed over when this node leaves; zero for not at all
 * @param goRing whether the ring is golang/groupcache's, and Go nodes may be among the nodes
 * @param goNodes the URLs of the Go nodes; unmodifiable
 */
public record ClusterOptions(
    boolean changesAllowed,
    Duration timeout,
    int maxOpenAnswers,
    int maxQueuedKeys,
    int removalLogSize,
    Duration warmJoin,
    Duration handoff,
    boolean goRing,
    Set<String> goNodes) {}
