package geecache.cluster;

import geecache.Ticker;
import geecache.internal.JsonWriter;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** Writes what this node sees of its cluster. Changes nothing. Safe for use by many threads. */
public final class ClusterReport {
  private static final int MOST_TROUBLES = 100;
  private static final int MOST_REMOVALS = 10;

  private final long self;
  private final Ticker ticker;
  private final ChangeLog changes;
  private final ViewHolder views;
  private final Troubles troubles;

  ClusterReport(long self, Ticker ticker, ChangeLog changes, ViewHolder views, Troubles troubles) {
    this.self = self;
    this.ticker = ticker;
    this.changes = changes;
    this.views = views;
    this.troubles = troubles;
  }

  /** Writes the nodes and their ring, how this node gets on with each, and what is wrong. */
  public void writeStatus(JsonWriter to) {
    ClusterView view = views.get();
    to.object("view", () -> writeView(view, to));
    to.array("peers", view.peers(), peer -> to.object(() -> writePeer(peer, view, to)));
    List<Troubles.Trouble> wrong = troubles.list(ticker.nanos(), MOST_TROUBLES);
    to.array("troubles", wrong, trouble -> to.object(() -> writeTrouble(trouble, to)));
  }

  private static void writeView(ClusterView view, JsonWriter to) {
    to.field("number", view.number());
    to.field("fingerprint", hex(view.fingerprint()));
    to.texts("nodes", view.urls());
    to.texts("owners", view.owners());
    to.numbers(
        "sharesPerMillion", DoubleStream.of(view.shares()).mapToLong(ClusterReport::millionth));
  }

  private static long millionth(double share) {
    return Math.round(share * 1_000_000);
  }

  private static void writePeer(ObservedPeer peer, ClusterView view, JsonWriter to) {
    to.field("url", peer.url());
    to.field("kind", peer.isGoNode() ? "go" : "node");
    to.field("id", peer.id() == 0 ? null : hex(peer.id()));
    to.field("contact", peer.isUsable());
    to.field("queuedKeys", peer.queuedKeys());
    to.field("requests", peer.traffic().requests());
    to.field("failures", peer.traffic().failures());
    long lately = peer.traffic().lately();
    to.field("roundTripMicros", lately == 0 ? null : lately / 1_000);
    to.field("changesTold", peer.toldChanges());
    to.field("changesPending", peer.untoldChanges());
    to.texts("groupsNotShared", groupsNotShared(peer.url(), view));
  }

  /** Returns the groups of this node that the peer does not have, or with other versions. */
  private static List<String> groupsNotShared(String url, ClusterView view) {
    return view.lacking().entrySet().stream()
        .filter(each -> each.getValue().contains(url))
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  private static void writeTrouble(Troubles.Trouble trouble, JsonWriter to) {
    to.field("kind", trouble.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    to.field("node", trouble.url().isEmpty() ? null : trouble.url());
    to.field("forMillis", trouble.lasted().toMillis());
  }

  /** Writes by which view which node owns {@code key}, and which removals of it are remembered. */
  public void explain(String group, String key, JsonWriter to) {
    ClusterView view = views.get();
    to.field("owner", view.ownerName(view.lacking(group), key));
    to.field("owns", view.owns(group, key));
    to.field("view", hex(view.fingerprint()));
    List<Removal> last = changes.lastRemovals(group, key, MOST_REMOVALS);
    to.array("removals", last, removal -> to.object(() -> writeRemoval(removal, view, to)));
  }

  private void writeRemoval(Removal removal, ClusterView view, JsonWriter to) {
    to.field("id", hex(removal.origin()) + '.' + removal.number());
    to.field("at", removal.time() == 0 ? null : removal.stamp().at().toString());
    to.field("of", kind(removal));
    if (removal.origin() == self) {
      to.texts("notAcknowledgedBy", notAcknowledgedBy(removal.number(), view));
    }
  }

  private static String kind(Removal removal) {
    if (removal.key() == null) {
      return "group";
    }
    return removal.ofSet() ? "set" : "key";
  }

  /** Go nodes know no removals. */
  private List<String> notAcknowledgedBy(long number, ClusterView view) {
    return Stream.concat(
            views.toTell().stream()
                .filter(node -> !node.sender().isKnown(number))
                .map(KnownNode::url),
            view.goNodes().stream())
        .sorted()
        .toList();
  }

  private static String hex(long id) {
    return HexFormat.of().toHexDigits(id);
  }
}
