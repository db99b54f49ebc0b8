package geecache.cluster;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Another geecache node that this one knows: the contact with it, and the changes that it has to be
 * told. It stays the same when the node leaves the view and returns, while each view has {@link
 * NodePeer}s of its own to read from. Safe for use by many threads.
 */
final class KnownNode {
  static final int FAILURES_TO_GIVE_UP = 3;

  private final String url;
  private final NodeLink link;
  private final Contact contact = new Contact();
  private final PeerTraffic traffic = new PeerTraffic();
  private final ChangeSender sender;
  private final FailureStreak failures = new FailureStreak(FAILURES_TO_GIVE_UP);

  /** The attempts in a row that failed to meet the node. */
  private final FailureStreak meetings = new FailureStreak(FAILURES_TO_GIVE_UP);

  /**
   * True while the node is not asked for keys that it owned before. Set by any thread, cleared when
   * the node is met.
   */
  private volatile boolean peeksSuspended;

  /** The last standing that the node told, and when. Written by the thread that received it. */
  private volatile @Nullable Told told;

  private record Told(Standing standing, long at) {}

  /** Whether the node is in the view. Written under the lock of {@link ViewHolder}. */
  private volatile boolean inView;

  /** When the node left the view; null if it never did. Written as {@code inView}. */
  private volatile @Nullable Long goneSince;

  /**
   * When contact was made last; null if it was not since the node came to the view, or another node
   * spoke under its name. Written by any thread; a stale read costs a pause or a meeting.
   */
  private volatile @Nullable Long contactSince;

  /** Whether the node said that it is closed, and neither returned nor was replaced since. */
  private volatile boolean closed;

  /** Whether this turned out to be this node itself, under a second name. */
  private volatile boolean self;

  /** Whether the node gives leases. Written as {@code old}. */
  private volatile boolean leases;

  /** Whether the node speaks version 1, which knows no stamps. */
  private volatile boolean old;

  /**
   * Whether the node takes no changes from this one, as far as it said when it was asked last.
   * Written by any thread; a stale read gives callers the less exact reason.
   */
  private volatile boolean refusesChanges;

  /** The node whose standing was told last, and the number of that standing. Guarded by this. */
  private long standingOf;

  private long standingNumber;

  /** The node that was told changes by a meeting, and what it knew then. Guarded by this. */
  private long knownOf;

  private VersionVector known = VersionVector.EMPTY;

  /** What is known of the node's groups. Replaced under {@code this}, read without a lock. */
  private volatile ToldGroups groups = ToldGroups.UNTOLD;

  /**
   * Done when the first attempt to meet the node has ended, since it became known, came to the view
   * or was restarted. Replaced under {@code this}, once the one before is done.
   */
  private volatile CompletableFuture<Void> metOrNot = new CompletableFuture<>();

  KnownNode(String url, NodeLink link, ChangeSender.Maker senders) {
    this.url = url;
    this.link = link;
    this.sender = senders.make(url, link, contact);
  }

  String url() {
    return url;
  }

  NodeLink link() {
    return link;
  }

  Contact contact() {
    return contact;
  }

  PeerTraffic traffic() {
    return traffic;
  }

  ChangeSender sender() {
    return sender;
  }

  boolean isInView() {
    return inView;
  }

  /** Notes that the node is in the view from now on. It must be met before it is asked. */
  void enterView() {
    closed = false;
    self = false;
    contactSince = null;
    inView = true;
    contact.lose();
    expectMeeting();
  }

  private synchronized void expectMeeting() {
    if (metOrNot.isDone()) {
      metOrNot = new CompletableFuture<>();
    }
  }

  /**
   * Notes that the node is not in the view from now on. Its groups are forgotten: there may be many
   * such nodes, and another one may return under the name.
   */
  void leaveView(long now) {
    replace(ToldGroups.UNTOLD);
    goneSince = now;
    inView = false;
  }

  /** Returns when the node left the view; null if it never did. */
  @Nullable Long goneSince() {
    return goneSince;
  }

  /** Whether the node left the view less than so many nanoseconds ago. */
  boolean hasVanished(long now, long nanos) {
    Long since = goneSince;
    return !inView && since != null && now - since < nanos;
  }

  boolean isClosed() {
    return closed;
  }

  /**
   * Notes that the node with this id speaks under this name, and has not been met: after a restart,
   * it may be told from now on. Late words of the node before it do not count any more. Returns
   * whether something else is known of its groups now.
   */
  synchronized boolean noteReturn(long id) {
    closed = false;
    contactSince = null;
    if (standingOf != id) {
      expectMeeting();
    }
    standingOf = id;
    standingNumber = 0;
    return groups.node() != id && replace(ToldGroups.UNTOLD); // Those were of the node before it.
  }

  private synchronized boolean replace(ToldGroups next) {
    boolean news = next != groups;
    groups = next;
    return news;
  }

  /** Whether the node does not have a group with this version of its values. */
  boolean lacks(GroupVersion group) {
    return groups.lacks(group);
  }

  /**
   * Notes the groups that the node with this id told. Returns whether that is news.
   *
   * @param speaksVersion1 whether it knows no versions of values
   * @param count how many it has; {@link GroupVersion#NOT_COUNTED} if it did not say
   * @param names empty if it told none
   */
  synchronized boolean noteGroups(
      long by, boolean speaksVersion1, int count, Collection<String> names) {
    return replace(groups.told(by, speaksVersion1, count, names));
  }

  /**
   * Notes that the node with this id refused a group, as one that it does not have. Returns whether
   * that is news.
   */
  synchronized boolean noteRefusal(long by, GroupVersion group, long now) {
    boolean lacked = groups.lacks(group);
    return replace(groups.refused(by, group, now)) && !lacked;
  }

  /**
   * Forgets which groups the node refused so many nanoseconds ago. Returns whether there were any.
   */
  synchronized boolean forgetRefusals(long now, long nanos) {
    return replace(groups.withoutRefusals(now, nanos));
  }

  boolean isSelf() {
    return self;
  }

  /** Notes that this is the node itself. Returns whether that is news. */
  boolean markSelf() {
    boolean news = !self;
    self = true;
    return news;
  }

  /**
   * Whether the node speaks version 1: it is told removals, and neither set values nor peeked at.
   */
  boolean isOld() {
    return old;
  }

  /** Whether the node gives leases, and stores values only if there are none. */
  boolean knowsLeases() {
    return leases;
  }

  /**
   * Notes that the node was met.
   *
   * @param knowsLeases whether it gives leases
   */
  void noteMet(boolean speaksVersion1, boolean knowsLeases) {
    old = speaksVersion1;
    leases = knowsLeases;
    self = false;
    failures.reset();
    meetings.reset();
    peeksSuspended = false;
    refusesChanges = false;
    metOrNot.complete(null);
  }

  /** Whether the node takes no changes from this one. */
  boolean refusesChanges() {
    return refusesChanges;
  }

  /** Notes why the node could not be met, or told a change. */
  void noteFailure(Throwable failure) {
    refusesChanges = failure instanceof LinkFailure known && known.isNotAllowed();
  }

  /** Notes that contact was made. */
  void noteContact(long now) {
    contactSince = now;
  }

  /** Whether contact was made less than so many nanoseconds ago. It may be lost again. */
  boolean hasJustBeenMet(long now, long nanos) {
    Long since = contactSince;
    return since != null && now - since < nanos;
  }

  /**
   * Notes that an attempt to meet the node failed. Returns whether that has happened so often in a
   * row that contact is to be lost.
   */
  boolean noteNotMet() {
    metOrNot.complete(null);
    return meetings.fail();
  }

  /**
   * Returns a future that is done when the first attempt to meet the node has ended, since it came.
   */
  CompletableFuture<Void> metOrNot() {
    return metOrNot;
  }

  /**
   * Notes a standing that the node told. Interleaving: the node says that it leaves, and the
   * message is delayed; it stays, and says so; the delayed message arrives. (Test: {@code
   * anEarlierWordThatComesLaterDoesNotCount})
   *
   * @param by the id of the node that told it; 0 if it did not say
   * @return false if a later standing of the same node is known, or another node has spoken since
   */
  synchronized boolean noteStanding(long by, Standing standing, long now) {
    if (by == standingOf ? standing.number() < standingNumber : standing.closed()) {
      return false;
    }
    standingOf = by;
    standingNumber = standing.number();
    told = new Told(standing, now);
    closed = standing.closed();
    return true;
  }

  /**
   * Returns what the node with this id knows: what it says, and what it knew before. It may have
   * forgotten the numbers of origins that it knew, and is not to clear everything for them.
   *
   * @param said what it said itself; null if it speaks version 1, and cannot
   */
  synchronized VersionVector known(long id, @Nullable VersionVector said) {
    VersionVector before = id == knownOf ? known : VersionVector.EMPTY;
    return said == null ? before : said.with(before);
  }

  /** Notes what the node with this id knows, since it was told at a meeting. */
  synchronized void noteKnown(long id, VersionVector knows) {
    knownOf = id;
    known = knows;
  }

  FailureStreak failures() {
    return failures;
  }

  /** Whether the node held nothing when it was met last. */
  boolean wasEmpty() {
    Told last = told;
    return last != null && last.standing().warmMillis() < 0;
  }

  /** Whether the node had joined less than so many nanoseconds ago when it was met last. */
  boolean isNew(long now, long nanos) {
    Told last = told;
    return last != null
        && TimeUnit.MILLISECONDS.toNanos(Math.max(0, last.standing().warmMillis()))
                + (now - last.at())
            < nanos;
  }

  /**
   * Whether the node may be asked for keys that it owned before, even if it missed changes: it was
   * met and has not failed since.
   */
  boolean mayBePeekedAt() {
    return !peeksSuspended && !old && !closed && contact.node() != 0;
  }

  /** Stops peeks at the node until it is met again. Returns whether that is news. */
  boolean suspendPeeks() {
    boolean news = !peeksSuspended;
    peeksSuspended = true;
    return news;
  }

  /**
   * Notes that contact is lost: the node has failed, or missed a change. Returns whether it stood.
   */
  boolean lose(LinkFailure why) {
    boolean was = contact.lose();
    sender.fail(why);
    return was;
  }

  @Override
  public String toString() {
    return url;
  }
}
