package geecache;

import geecache.internal.Waiting;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;

/**
 * The parts of a node that all its groups share: time, threads and chance, which a test may steer,
 * and the node's cluster.
 *
 * @param ticker the clock for everything that ages
 * @param waitTicker the clock by which {@code waiting} measures: of real time where {@code ticker}
 *     may stand still
 * @param loaders the threads that run getters, and the timer
 * @param random shortens lives, and draws the ids of failures; safe for use by many threads
 * @param waiting how a thread waits for a future
 * @param cluster knows who owns which key; replaced once at most, when the node's peers come
 * @param leases those that other nodes hold
 */
record NodeParts(
    Ticker ticker,
    Ticker waitTicker,
    LoaderThreads loaders,
    RandomGenerator random,
    Waiting waiting,
    AtomicReference<Cluster> cluster,
    GivenLeases leases) {

  /** Parts of a node of which no other node holds leases. */
  NodeParts(
      Ticker ticker,
      Ticker waitTicker,
      LoaderThreads loaders,
      RandomGenerator random,
      Waiting waiting,
      AtomicReference<Cluster> cluster) {
    this(ticker, waitTicker, loaders, random, waiting, cluster, new GivenLeases());
  }

  /** Returns the parts of a node without peers, of which callers wait in real time. */
  static NodeParts of(Ticker ticker, LoaderThreads loaders) {
    return new NodeParts(
        ticker,
        Ticker.system(),
        loaders,
        () -> ThreadLocalRandom.current().nextLong(),
        Waiting.REAL,
        new AtomicReference<>(new NoPeers()));
  }
}
