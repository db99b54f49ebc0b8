package geecache.metrics;

import static geecache.metrics.Figure.counter;
import static geecache.metrics.Figure.gauge;

import geecache.GroupDurations;
import geecache.GroupStats;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The meters of a group. */
final class GroupFigures {
  private static final String BYTES = "bytes";

  /** Micrometer's own names for any cache, for dashboards that know them. */
  static final List<Figure<GroupStats>> OF_ANY_CACHE =
      List.of(
          counter(
                  "cache.gets",
                  "gets, answered from memory (hit) or not (miss)",
                  GroupFigures::hits)
              .with("result", "hit"),
          counter(
                  "cache.gets",
                  "gets, answered from memory (hit) or not (miss)",
                  GroupFigures::misses)
              .with("result", "miss"),
          counter("cache.puts", "entries stored in memory", GroupStats::puts),
          counter("cache.evictions", "entries that made room for others", GroupStats::evictions),
          gauge("cache.size", "entries in memory, copies included", GroupStats::entries));

  static final List<Figure<GroupStats>> OWN =
      List.of(
          gets("owned", GroupStats::mainHits),
          gets("copy", GroupStats::hotHits),
          gets("miss", GroupFigures::misses),
          counter(
              "geecache.gets.stale",
              "gets answered with a value past its end",
              GroupStats::staleServed),
          counter(
              "geecache.gets.rejected",
              "gets refused, or answered with a value past its end, because too many loads or gets"
                  + " waited",
              GroupStats::rejected),
          gauge(
              "geecache.gets.waiting",
              "gets that wait for a load or a peer",
              GroupStats::getsWaiting),
          counter("geecache.loads", "questions to the source", GroupStats::loads),
          counter(
              "geecache.loads.failed",
              "loads that ended in a failure or past their time",
              GroupStats::loadFailures),
          counter("geecache.loads.absent", "loads that found no such key", GroupStats::absent),
          counter(
              "geecache.loads.refresh",
              "loads that renew a value before its end",
              GroupStats::refreshes),
          counter(
              "geecache.loads.deduplicated",
              "gets that waited for a load which was under way",
              GroupStats::loadsDeduplicated),
          counter(
              "geecache.loads.unwanted",
              "loads that were not run, since no get waited for them any more",
              GroupStats::unwanted),
          gauge("geecache.loads.running", "loads that have a place", GroupStats::loadsRunning),
          gauge("geecache.loads.waiting", "loads that wait for a place", GroupStats::loadsWaiting),
          counter("geecache.fetches", "questions of gets to a peer", GroupStats::fetches),
          counter(
              "geecache.fetches.deduplicated",
              "gets that waited for a question which was under way",
              GroupStats::fetchesDeduplicated),
          counter(
              "geecache.fetches.failed",
              "questions that a peer did not answer",
              GroupStats::fetchFailures),
          counter(
              "geecache.fetches.vain",
              "gets that no peer answered, so that the key was loaded here",
              GroupStats::fetchesInVain),
          counter("geecache.peeks", "keys of which the former owner was asked", GroupStats::peeks),
          counter(
              "geecache.peeks.answered", "keys that the former owner gave", GroupStats::peekHits),
          counter(
              "geecache.sets",
              "values that callers of this node set on all nodes",
              GroupStats::sets),
          counter(
              "geecache.removals",
              "keys that callers of this node removed on all nodes",
              GroupStats::removals),
          counter("geecache.clears", "clearings by callers of this node", GroupStats::clears),
          counter(
              "geecache.values.large",
              "loads of values too large to be kept or served",
              GroupStats::tooLarge),
          counter(
              "geecache.values.unreadable",
              "values that the codec of a typed group could not read",
              GroupStats::unreadable),
          counter(
              "geecache.leases",
              "loads that a caller with a loader was to do, under a lease of this node",
              GroupStats::leases),
          counter(
              "geecache.leases.loads",
              "keys that the loaders of this node's callers were called for",
              GroupStats::leaseLoads),
          counter(
              "geecache.leases.ran.out",
              "leases whose holder took too long, or was not heard of",
              GroupStats::leasesRanOut),
          counter(
              "geecache.leases.refused",
              "results of loaders that nobody but their own callers was given",
              GroupStats::leasesRefused),
          counter(
              "geecache.gets.unfilled",
              "gets of keys that nobody had filled, in groups without a getter",
              GroupStats::unfilled),
          counter(
              "geecache.answers.dropped",
              "results without room until the node that was told to ask again would do so",
              GroupStats::notHeld),
          gauge(
              "geecache.copies", "copies of values that other nodes keep", GroupStats::hotEntries),
          gauge("geecache.memory.used", "heap of all entries, copies included", GroupStats::bytes)
              .in(BYTES),
          gauge("geecache.memory.copies", "heap of the copies", GroupStats::hotBytes).in(BYTES),
          gauge("geecache.memory.max", "the budget of the group", GroupStats::maxBytes).in(BYTES));

  static final List<Timed<GroupDurations>> TIMED =
      List.of(
          new Timed<>(
              "geecache.load.time",
              Tags.empty(),
              "time that the getter took, whether it returned or failed",
              GroupDurations::loads),
          new Timed<>(
              "geecache.wait.time",
              Tags.of("for", "load"),
              "time that gets waited for a load, or for the answer of a peer",
              GroupDurations::loadWaits),
          new Timed<>(
              "geecache.wait.time",
              Tags.of("for", "peer"),
              "time that gets waited for a load, or for the answer of a peer",
              GroupDurations::peerWaits));

  private GroupFigures() {}

  private static Figure<GroupStats> gets(String result, ToDoubleFunction<GroupStats> value) {
    return counter(
            "geecache.gets",
            "gets, answered from values that this node keeps (owned), from copies (copy), or not"
                + " from memory (miss)",
            value)
        .with("result", result);
  }

  private static double hits(GroupStats stats) {
    return (double) stats.mainHits() + stats.hotHits();
  }

  private static double misses(GroupStats stats) {
    return (double) stats.gets() - stats.mainHits() - stats.hotHits();
  }
}
