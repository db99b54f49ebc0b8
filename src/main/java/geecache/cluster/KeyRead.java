package geecache.cluster;

import java.util.List;

/**
 * The question of one node to another for a key.
 *
 * @param removed the removals of the key that the asking node knows; the other node carries out
 *     those that it does not know before it answers
 * @param onlyIfCached whether the other node answers only from memory
 */
public record KeyRead(String key, List<Removal.Named> removed, boolean onlyIfCached) {}
