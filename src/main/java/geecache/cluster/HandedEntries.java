package geecache.cluster;

import java.util.List;

/**
 * One message of entries that a leaving node hands over.
 *
 * @param known the changes that the sender knew before it read the entries
 */
public record HandedEntries(VersionVector known, List<HandedEntry> entries) {}
