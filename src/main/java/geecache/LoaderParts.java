package geecache;

/**
 * The parts of a group that gets share whose callers can load their keys.
 *
 * @param group the parts of the group itself
 * @param reads makes answers of outcomes
 * @param flights the loads of this node
 * @param fetches the questions to peers
 * @param runs runs the loaders of callers
 */
record LoaderParts(
    GroupParts group, Reads reads, SingleFlight flights, PeerFetches fetches, LoaderRun runs) {}
