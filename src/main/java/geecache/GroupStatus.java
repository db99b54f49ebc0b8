package geecache;

import geecache.internal.JsonWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Writes the figures of a group, and the settings that decide about them. */
final class GroupStatus {
  private GroupStatus() {}

  static void write(GroupSettings settings, GroupStats stats, JsonWriter to) {
    to.object("now", () -> writeNow(stats, to));
    to.object("sinceStart", () -> writeCounts(stats, to));
    to.object("settings", () -> write(settings, to));
  }

  private static void writeNow(GroupStats stats, JsonWriter to) {
    to.field("entries", stats.entries());
    to.field("bytes", stats.bytes());
    to.field("copies", stats.hotEntries());
    to.field("copyBytes", stats.hotBytes());
    to.field("getsWaiting", stats.getsWaiting());
    to.field("loadsRunning", stats.loadsRunning());
    to.field("loadsWaiting", stats.loadsWaiting());
  }

  private static void writeCounts(GroupStats stats, JsonWriter to) {
    to.field("gets", stats.gets());
    to.field("ownedHits", stats.mainHits());
    to.field("copyHits", stats.hotHits());
    to.field("staleServed", stats.staleServed());
    to.field("rejected", stats.rejected());
    to.field("loads", stats.loads());
    to.field("loadsFailed", stats.loadFailures());
    to.field("loadsAbsent", stats.absent());
    to.field("loadsRefreshed", stats.refreshes());
    to.field("loadsDeduplicated", stats.loadsDeduplicated());
    to.field("loadsUnwanted", stats.unwanted());
    to.field("loadMicrosMedian", TimeUnit.NANOSECONDS.toMicros(stats.loadTime(0.5).toNanos()));
    to.field("loadMicros99", TimeUnit.NANOSECONDS.toMicros(stats.loadTime(0.99).toNanos()));
    to.field("fetches", stats.fetches());
    to.field("fetchesDeduplicated", stats.fetchesDeduplicated());
    to.field("fetchesFailed", stats.fetchFailures());
    to.field("fetchesInVain", stats.fetchesInVain());
    to.field("peeks", stats.peeks());
    to.field("peeksAnswered", stats.peekHits());
    to.field("puts", stats.puts());
    to.field("evictions", stats.evictions());
    to.field("sets", stats.sets());
    to.field("removals", stats.removals());
    to.field("clears", stats.clears());
    to.field("tooLarge", stats.tooLarge());
    to.field("unreadable", stats.unreadable());
    to.field("leases", stats.leases());
    to.field("leaseLoads", stats.leaseLoads());
    to.field("leasesRanOut", stats.leasesRanOut());
    to.field("leasesRefused", stats.leasesRefused());
    to.field("unfilled", stats.unfilled());
    to.field("answersDropped", stats.notHeld());
  }

  /** Times that are off are left out. */
  private static void write(GroupSettings settings, JsonWriter to) {
    to.field("store", settings.store().name().toLowerCase(Locale.ROOT));
    to.field("maxBytes", settings.maxBytes());
    to.field("maxValueBytes", settings.maxValueBytes());
    millis("timeToLiveMillis", settings.timeToLive(), to);
    to.field("jitter", settings.jitter());
    millis("absentTimeToLiveMillis", settings.absentTimeToLive(), to);
    millis("refreshAheadMillis", settings.refreshAhead(), to);
    millis("staleIfErrorMillis", settings.staleIfError(), to);
    to.field("hotCopies", settings.hotCopies());
    millis("hotTimeToLiveMillis", settings.hotTimeToLive(), to);
    millis("loadTimeoutMillis", nanos(settings.loadTimeout()), to);
    millis("waitTimeoutMillis", nanos(settings.waitTimeout()), to);
    millis("leaseTimeoutMillis", nanos(settings.leaseTimeout()), to);
    to.field("maxLoads", settings.maxLoads());
    to.field("maxBatch", settings.maxBatch());
    to.field("maxWaitingLoads", settings.maxWaitingLoads());
    to.field("maxWaiters", settings.maxWaiters());
    to.field("maxHeldBytes", settings.maxHeldBytes());
    to.field("contentType", settings.contentType());
  }

  private static long nanos(Duration time) {
    return TimeUnit.NANOSECONDS.convert(time);
  }

  private static void millis(String name, long nanos, JsonWriter to) {
    to.field(name, nanos == 0 ? null : TimeUnit.NANOSECONDS.toMillis(nanos));
  }
}
