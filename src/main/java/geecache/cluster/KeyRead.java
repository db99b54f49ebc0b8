package geecache.cluster;

import java.util.List;

/**
 * A key that one node asks another for.
 *
 * @param removed the removals of this key that the asking node knows; the other carries out those
 *     that it does not know before it answers
 * @param onlyIfCached whether the other is to answer from memory, or not at all
 */
public record KeyRead(String key, List<Removal.Carried> removed, boolean onlyIfCached) {}
