package geecache.cluster;

import java.util.List;

/**
 * The answer to a meeting or a change.
 *
 * @param members the nodes that the answering node knows, itself included
 * @param standing of the answering node
 */
public record Acknowledgement(List<String> members, Standing standing) {}
