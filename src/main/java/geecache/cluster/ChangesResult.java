package geecache.cluster;

import geecache.Stamp;
import java.util.List;
import java.util.Map;

/**
 * The answer to {@link Changes}.
 *
 * @param node the id of the node that answered
 * @param clock the latest time that its clock knows
 * @param sets what became of each value
 * @param known what it knows of the origins in the message
 * @param stayed the values that a removal left alone, because they were set later, with their
 *     stamps
 * @param members the nodes that it knew before the changes or knows after them, itself included
 */
public record ChangesResult(
    long node,
    long clock,
    List<SetResult> sets,
    VersionVector known,
    Map<Removal.Id, Stamp> stayed,
    List<String> members) {}
