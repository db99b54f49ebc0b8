package geecache;

import java.util.concurrent.atomic.AtomicReference;

/**
 * The parts of a node that all its groups share.
 *
 * @param ticker the clock for everything that ages
 * @param loaders the threads that run getters, and the timer
 * @param cluster knows who owns which key; replaced once at most, when the node's peers come
 */
record NodeParts(Ticker ticker, Loaders loaders, AtomicReference<Cluster> cluster) {}
