package geecache.cluster;

/**
 * The node that sent a request, and which of its requests it is.
 *
 * @param node the id of the node
 * @param number of the request; the later of two requests of a node has the greater one
 */
public record Sender(long node, long number) {}
