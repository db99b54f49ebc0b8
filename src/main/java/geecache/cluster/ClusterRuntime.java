package geecache.cluster;

import geecache.Ticker;
import geecache.internal.Waiting;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;

/**
 * Time, threads and random numbers for a cluster. A test can steer them all.
 *
 * @param ticker measures all durations
 * @param wall stamps changes
 * @param executor runs tasks that block; rejects once the node is closed
 * @param timer runs short tasks later; rejects once the node is closed
 * @param random spreads retries; safe for use by many threads
 * @param waiting how a thread waits for a future
 */
public record ClusterRuntime(
    Ticker ticker,
    WallClock wall,
    Executor executor,
    ScheduledExecutorService timer,
    RandomGenerator random,
    Waiting waiting) {}
