package geecache;

import geecache.internal.Waiting;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;

/** Makes nodes of which a test steers all time, threads and chance. */
public final class SteeredNode {
  private SteeredNode() {}

  /** Returns a node in {@code world}. */
  public static Geecache of(SimulatedWorld world) {
    return of(world, world.executor(), world.timer());
  }

  /** Returns a node in {@code world} whose loader threads stop and end with {@code process}. */
  public static Geecache of(SimulatedWorld world, SimulatedProcess process) {
    return of(world, process.executor(), process.timer());
  }

  /** Returns a node in real time, but for {@code timer}. */
  public static Geecache of(ScheduledExecutorService timer) {
    return of(Ticker.system(), timer);
  }

  /** Returns a node in which all that ages does so by {@code ticker}; callers wait in real time. */
  public static Geecache of(Ticker ticker, ScheduledExecutorService timer) {
    return new Geecache(
        NodeParts.of(ticker, new LoaderThreads(Executors.newCachedThreadPool(), timer)));
  }

  private static Geecache of(
      SimulatedWorld world, ExecutorService loaders, ScheduledExecutorService timer) {
    return of(world.ticker(), loaders, timer, world.random(), world.waiting());
  }

  /**
   * Returns a node of these parts.
   *
   * @param ticker also the clock that callers wait by
   * @param loaders runs getters; closed with the node, as {@code timer} is
   */
  private static Geecache of(
      Ticker ticker,
      ExecutorService loaders,
      ScheduledExecutorService timer,
      RandomGenerator random,
      Waiting waiting) {
    return new Geecache(
        new NodeParts(
            ticker,
            ticker,
            new LoaderThreads(loaders, timer),
            random,
            waiting,
            new AtomicReference<>(new NoPeers())));
  }
}
