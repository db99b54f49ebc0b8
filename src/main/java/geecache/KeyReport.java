package geecache;

import geecache.cache.Cache;
import geecache.internal.JsonWriter;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Says what this node has of one key, as what, and what is under way for it. It looks and touches
 * nothing: no use is counted, no entry moves.
 */
final class KeyReport {
  private final GroupStore store;
  private final SingleFlight flights;
  private final PeerFetches fetches;
  private final Ticker ticker;
  private final Ticker waitTicker;

  KeyReport(GroupParts group, SingleFlight flights, PeerFetches fetches) {
    this.store = group.store();
    this.flights = flights;
    this.fetches = fetches;
    this.ticker = group.node().ticker();
    this.waitTicker = group.node().waitTicker();
  }

  void write(String key, JsonWriter to) {
    Entry entry = store.look(key);
    if (entry != null) {
      to.object("held", () -> writeEntry(key, entry, to));
    }
    List<Flight> loads = flights.underWay(key);
    to.array("loads", loads, flight -> to.object(() -> writeLoad(flight, to)));
    List<Fetch> questions = fetches.underWay(key);
    to.array("questions", questions, fetch -> to.object(() -> writeQuestion(fetch, to)));
  }

  private void writeEntry(String key, Entry entry, JsonWriter to) {
    to.field("as", as(entry));
    if (entry.value == null) {
      Marks marks = entry.marks();
      to.field("absent", marks == null ? null : marks.absence());
    } else {
      to.field("etag", '"' + HexFormat.of().toHexDigits(entry.value.digest()) + '"');
      to.field("valueBytes", entry.value.length());
    }
    to.field("heapBytes", store.bytes(key, entry));
    writeStamp("set", entry.change(), to);
    if (entry instanceof Entry.Timed timed) {
      writeTimes(timed, ticker.nanos(), to);
    } else {
      to.field("state", "fresh");
    }
    if (!(entry instanceof Entry.Copy)) {
      writeWorth(store.worthOf(key), to);
    }
  }

  private static String as(Entry entry) {
    if (entry instanceof Entry.Copy) {
      return "copy";
    }
    return entry instanceof Entry.Demoted ? "demoted" : "owned";
  }

  private static void writeTimes(Entry.Timed timed, long now, JsonWriter to) {
    to.field("state", state(timed, now));
    if (!timed.isEndless()) {
      to.field("ageMillis", millis(now - timed.begun));
      to.field("lifeLeftMillis", millis(timed.endOfValue() - now));
    }
    to.field("servedForMillis", millis(timed.expiresAt - now));
    if (timed.staleUntil != timed.expiresAt) {
      to.field("staleForMillis", millis(timed.staleUntil - now));
    }
  }

  private static String state(Entry.Timed timed, long now) {
    if (timed.isFresh(now)) {
      return "fresh";
    }
    return timed.mayServeStale(now) ? "stale" : "ended";
  }

  private static void writeWorth(Cache.@Nullable Worth worth, JsonWriter to) {
    if (worth != null) {
      to.field("worth", worth.worth());
      to.field("frequency", worth.frequency());
      to.field(
          "loadCostMicros",
          worth.costNanos() == 0 ? null : TimeUnit.NANOSECONDS.toMicros(worth.costNanos()));
    }
  }

  private void writeLoad(Flight flight, JsonWriter to) {
    int before = flights.waitingBefore(flight);
    to.field("state", state(flight, before));
    to.field("waitingBefore", before < 0 ? null : before);
    long since = flight.since; // 0 if it is about to begin.
    to.field("forMillis", since == 0 ? null : millis(waitTicker.nanos() - since));
    to.field("refresh", flight.refresh);
    HeldLease lease = flight.lease;
    if (flight.byLease && lease != null && !lease.hasEnded()) {
      to.object("lease", () -> writeLease(lease, to));
    }
    writeAttempt(flight, to);
  }

  private void writeLease(HeldLease lease, JsonWriter to) {
    long now = waitTicker.nanos();
    to.field("number", lease.number());
    long holder = lease.holder();
    to.field("holder", holder == 0 ? "this node" : HexFormat.of().toHexDigits(holder));
    to.field("forMillis", millis(now - lease.since()));
    to.field("heardOfMillisAgo", holder == 0 ? null : millis(now - lease.heard()));
  }

  private static String state(Flight flight, int before) {
    if (before >= 0) {
      return "queued";
    }
    if (flight.hasStarted()) {
      return flight.byLease ? "leased" : "running";
    }
    return flight.isPeeking() ? "asking-former-owner" : "starting";
  }

  private void writeQuestion(Fetch fetch, JsonWriter to) {
    Fetch.AskedPeer asked = fetch.askedPeer();
    if (asked != null) {
      to.field("peer", asked.url());
      to.field("forMillis", millis(waitTicker.nanos() - asked.since()));
    }
    to.field("state", state(fetch));
    writeAttempt(fetch, to);
  }

  private static String state(Fetch fetch) {
    if (fetch.leased != null) {
      return "leased";
    }
    return fetch.isQueued() ? "queued" : "asked";
  }

  /** A get of another node stands for several callers. What a removal has voided is not stored. */
  private void writeAttempt(Attempt attempt, JsonWriter to) {
    to.field("getsWaiting", attempt.seats());
    to.field("callersWaiting", attempt.callers());
    to.field("voided", !store.isSince(attempt.fence, attempt.key));
  }

  private static void writeStamp(String name, @Nullable Stamp stamp, JsonWriter to) {
    if (stamp != null) {
      to.object(
          name,
          () -> {
            to.field("stamp", HexFormat.of().toHexDigits(stamp.node()) + '.' + stamp.time());
            to.field("at", stamp.at().toString());
          });
    }
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }
}
