package geecache.cluster;

/**
 * The node that sent a request, and the number of the request.
 *
 * @param node the id of the node
 * @param number the number of the request; a later request of a node has a greater one
 */
public record Sender(long node, long number) {}
