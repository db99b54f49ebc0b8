package geecache.metrics;

import geecache.GroupStats;
import geecache.LocalGroup;
import java.util.concurrent.TimeUnit;

/** Reads each number from the group when it is asked for. */
final class GroupBean implements GroupMXBean {
  private final LocalGroup group;

  GroupBean(LocalGroup group) {
    this.group = group;
  }

  @Override
  public long getGets() {
    return group.stats().gets();
  }

  @Override
  public long getHits() {
    return hits(group.stats());
  }

  @Override
  public double getHitRatio() {
    GroupStats stats = group.stats();
    return stats.gets() == 0 ? 0 : (double) hits(stats) / stats.gets();
  }

  private static long hits(GroupStats stats) {
    return stats.mainHits() + stats.hotHits();
  }

  @Override
  public long getLoads() {
    return group.stats().loads();
  }

  @Override
  public long getLoadFailures() {
    return group.stats().loadFailures();
  }

  @Override
  public long getLoadsAbsent() {
    return group.stats().absent();
  }

  @Override
  public long getLoadsDeduplicated() {
    return group.stats().loadsDeduplicated();
  }

  @Override
  public int getLoadsRunning() {
    return group.stats().loadsRunning();
  }

  @Override
  public int getLoadsWaiting() {
    return group.stats().loadsWaiting();
  }

  @Override
  public int getGetsWaiting() {
    return group.stats().getsWaiting();
  }

  @Override
  public long getRejected() {
    return group.stats().rejected();
  }

  @Override
  public long getStaleServed() {
    return group.stats().staleServed();
  }

  @Override
  public long getFetches() {
    return group.stats().fetches();
  }

  @Override
  public long getFetchFailures() {
    return group.stats().fetchFailures();
  }

  @Override
  public long getPuts() {
    return group.stats().puts();
  }

  @Override
  public long getEvictions() {
    return group.stats().evictions();
  }

  @Override
  public long getSets() {
    return group.stats().sets();
  }

  @Override
  public long getRemovals() {
    return group.stats().removals();
  }

  @Override
  public long getClears() {
    return group.stats().clears();
  }

  @Override
  public long getEntries() {
    return group.stats().entries();
  }

  @Override
  public long getBytes() {
    return group.stats().bytes();
  }

  @Override
  public long getMaxBytes() {
    return group.stats().maxBytes();
  }

  @Override
  public double getLoadMillisMedian() {
    return loadMillis(0.5);
  }

  @Override
  public double getLoadMillis99() {
    return loadMillis(0.99);
  }

  private double loadMillis(double part) {
    return (double) group.stats().loadTime(part).toNanos() / TimeUnit.MILLISECONDS.toNanos(1);
  }
}
