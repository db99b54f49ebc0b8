package geecache.cluster;

import geecache.LeaseEnd;
import java.util.List;

/**
 * The answer to {@link LeaseNews}.
 *
 * @param node the id of the node that answered
 * @param taken what became of each lease that has ended, in their order
 */
public record LeaseAnswer(long node, List<LeaseEnd.Taken> taken) {}
