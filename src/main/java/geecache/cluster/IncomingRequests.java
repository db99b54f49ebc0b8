package geecache.cluster;

import geecache.CachedValue;
import geecache.Group;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.Ticker;
import geecache.cluster.RefusedException.Reason;
import geecache.internal.ControlCharacters;
import geecache.internal.ValueVersion;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers other nodes: the receiving side of a {@link NodeLink}. Each sender has shown the secret,
 * if there is one. Never blocks. Safe for use by many threads.
 */
public final class IncomingRequests {
  private static final Logger log = LoggerFactory.getLogger(IncomingRequests.class);

  /** Without a secret, a meeting only shows the sender that a node answers, and its id. */
  private static final Acknowledgement TOLD_TO_STRANGERS =
      new Acknowledgement(List.of(), Standing.UNTOLD, 0, VersionVector.EMPTY, List.of());

  /** The longest URL of a stranger that is logged. */
  private static final int LONGEST_URL = 500;

  private final LocalNode node;
  private final boolean changesAllowed;
  private final long self;
  private final HybridClock clock;
  private final ChangeLog known;
  private final ViewHolder views;
  private final LocalChanges changes;
  private final HandoverReceiver receiver;
  private final Ticker ticker;
  private final Troubles troubles;

  IncomingRequests(
      LocalNode node,
      long self,
      boolean changesAllowed,
      HybridClock clock,
      ChangeLog known,
      ViewHolder views,
      LocalChanges changes,
      HandoverReceiver receiver,
      Ticker ticker,
      Troubles troubles) {
    this.node = node;
    this.self = self;
    this.changesAllowed = changesAllowed;
    this.clock = clock;
    this.known = known;
    this.views = views;
    this.changes = changes;
    this.receiver = receiver;
    this.ticker = ticker;
    this.troubles = troubles;
  }

  /**
   * Finds the group that another node means: the only place where versions of values are compared.
   * What a node reads, peeks at, hands over or sets is about a group of this node only if that has
   * the same version there.
   *
   * @param name as {@link GroupVersion} writes it
   * @throws RefusedException if this node does not have such a group, or has another version of its
   *     values
   */
  public LocalGroup find(String name) throws RefusedException {
    GroupVersion asked = GroupVersion.parse(name);
    LocalGroup group = node.find(asked.group()).orElse(null);
    if (group == null) {
      throw new RefusedException(Reason.NO_SUCH_GROUP, "no such group: " + name);
    }
    if (!ValueVersion.isValid(asked.version())) {
      throw new RefusedException(
          Reason.BAD_REQUEST, "the version of a group must be " + ValueVersion.RULE);
    }
    if (!group.version().equals(asked.version())) {
      throw new RefusedException(
          Reason.NO_SUCH_GROUP,
          "no such group: " + name + ", but here it is " + GroupVersion.of(group));
    }
    return group;
  }

  private @Nullable LocalGroup groupOf(SetChange set) {
    try {
      return find(new GroupVersion(set.group(), set.version()).toString());
    } catch (RefusedException otherVersion) {
      return null;
    }
  }

  /**
   * Refuses a read that requires changes which this node does not know: its values, and the loads
   * under way, may be older.
   *
   * @throws RefusedException if this node has missed some of them
   */
  public void requireKnown(VersionVector required) throws RefusedException {
    if (changesAllowed && !known.knows(required)) {
      throw new RefusedException(Reason.BEHIND, "this node has missed changes");
    }
  }

  /**
   * Answers a read from memory, or by a load of this node. Asks no third node.
   *
   * @return completed with null if the read is {@code onlyIfCached} and nothing is in memory; fails
   *     as {@link LocalGroup#get} does
   * @param node the id of the node that asks
   * @throws IllegalArgumentException if {@link Group#requireKey} refuses the key
   */
  public CompletableFuture<@Nullable CachedValue> read(LocalGroup group, KeyRead read, long node) {
    if (!changesAllowed) {
      return readUnproven(group, read, node);
    }
    changes.catchUp(group, read.key(), read.removed());
    return read.onlyIfCached()
        ? CompletableFuture.completedFuture(group.handOut(Group.requireKey(read.key())))
        : group.get(read.key(), asker(read, node));
  }

  /**
   * Answers a sender that cannot prove that it is a node, since there is no secret. No third node
   * is asked, so that nodes do not ask each other in circles. The sender has a stranger's share of
   * the loads, and nothing is forgotten that it asks for.
   */
  private static CompletableFuture<@Nullable CachedValue> readUnproven(
      LocalGroup group, KeyRead read, long node) {
    return read.onlyIfCached()
        ? CompletableFuture.completedFuture(group.peek(Group.requireKey(read.key())))
        : group.getHereForGuest(read.key(), asker(read, node));
  }

  private static LocalGroup.Asker asker(KeyRead read, long node) {
    return new LocalGroup.Asker(
        node, read.left(), read.callers(), read.copyHits(), read.canLoad(), read.traceparent());
  }

  /**
   * Holds {@code answer}, which {@link #read} returned, since the node is told to ask again.
   *
   * @return whether the load waits for a place
   */
  public boolean hold(
      LocalGroup group, KeyRead read, long node, CompletableFuture<@Nullable CachedValue> answer) {
    boolean queued = group.isQueued(answer);
    if (changesAllowed) {
      group.hold(read.key(), node, answer);
    } else {
      group.holdForGuest(read.key(), node, answer);
    }
    return queued;
  }

  /** Returns the changes that this node knows. */
  public VersionVector known() {
    return known.known();
  }

  /**
   * Meets a node.
   *
   * @param sender null if the node does not say which it is
   * @throws RefusedException if the meeting tells of removals, and there is no secret; or if the
   *     sender's clock is more than a minute ahead
   */
  public Acknowledgement meet(Meeting meeting, @Nullable Sender sender) throws RefusedException {
    if (changesAllowed) { // Otherwise there are no changes, and any stranger could set the clock.
      observe(meeting.clock(), meeting.url());
    }
    if (meeting.clear() || !meeting.removed().isEmpty()) {
      requireChangesAllowed();
      if (meeting.clear()) {
        log.info(
            "cleared all groups: {} removed more keys while out of contact than it remembers",
            meeting.url().isEmpty() ? "a node" : ControlCharacters.escape(meeting.url()));
        changes.clearAll();
      }
      changes.carryOutUnstamped(meeting.removed());
    }
    KnownNode node = views.find(meeting.url());
    if (node != null) {
      note(node, meeting, sender);
    }
    NodePeer peer = views.get().peer(meeting.url());
    if (peer != null && !isKnown(peer.node(), sender)) {
      peer.seekContact(); // It has just sent a request, so it can be met.
    }
    if (!changesAllowed) {
      return TOLD_TO_STRANGERS;
    }
    noteStranger(meeting);
    List<String> groups = GroupVersion.allOf(this.node);
    return new Acknowledgement(
        List.copyOf(views.get().urls()),
        views.standing(),
        clock.now(),
        known.known(),
        groups,
        true,
        groups.size());
  }

  /** Warns of a node that has this one in its list, and is not in the list of this one. */
  private void noteStranger(Meeting meeting) {
    String url = meeting.url();
    ClusterView view = views.get();
    if (url.isEmpty()
        || url.length() > LONGEST_URL
        || view.number() == 0
        || view.urls().contains(url)
        || meeting.standing().leaving()
        || meeting.standing().closed()
        || views.hasVanished(url)) {
      return;
    }
    Optional<Duration> lasted =
        troubles.note(Troubles.Kind.STRANGER, url, Troubles.TRANSITION, ticker.nanos());
    if (lasted.isPresent()) {
      log.warn(
          "{} has had this node in its list of nodes for {} s, and is not in the list here, which is"
              + " {}: geecache.peers must be the same on all nodes",
          ControlCharacters.escape(url),
          lasted.get().toSeconds(),
          List.copyOf(view.urls()));
    }
  }

  /**
   * A standing and groups count only if they come from the node that was met. Any other node is met
   * next, and tells them then: this may be a late word of an earlier node.
   */
  private void note(KnownNode node, Meeting meeting, @Nullable Sender sender) {
    if (!changesAllowed || sender == null) {
      return;
    }
    if (node.contact().node() != sender.node()) {
      views.noteReturn(node, sender.node());
    } else {
      if (meeting.tellsGroups()) { // First: its standing may put it back on the ring.
        views.noteGroups(node, sender.node(), node.isOld(), meeting.groupCount(), meeting.groups());
      }
      views.note(node, sender.node(), meeting.standing());
      if (node.isClosed()) {
        node.lose(LinkFailure.refused(node.url() + " is closed"));
      }
    }
  }

  /** Whether there is contact with this node, and not with an earlier node of its name. */
  private boolean isKnown(KnownNode node, @Nullable Sender sender) {
    boolean same = sender == null || !changesAllowed || node.contact().node() == sender.node();
    return same && (node.contact().isMade() || node.isClosed());
  }

  private void observe(long time, String from) throws RefusedException {
    if (!clock.observe(time, from)) {
      throw new RefusedException(
          Reason.BAD_REQUEST, "the sender's clock is more than a minute ahead of this node's");
    }
  }

  /** Returns the nodes that have to know a change, this one included; unmodifiable. */
  public Collection<String> members() {
    return views.members();
  }

  /**
   * Carries changes out. The answer lists the nodes that must know them too: the nodes in the view
   * before the changes and after them.
   *
   * <p>Interleavings: a node leaves the view in between. It missed nothing that it would be told
   * when it returns, so the caller must tell it. Or a node joins, and is met before the changes are
   * in the log. (Test: {@code aChangeIsAcknowledgedWithTheNodesBeforeIt}.)
   *
   * @param membersBefore the nodes when the request arrived
   * @throws RefusedException if there is no secret, or the message is for another node
   */
  public ChangesResult change(Changes told, Collection<String> membersBefore)
      throws RefusedException {
    requireChangesAllowed();
    if (told.to() != self) {
      throw new RefusedException(Reason.OTHER_NODE, "these changes are for another node");
    }
    observe(told.clock(), "another node");
    LocalChanges.Told done =
        changes.carryOut(told, this::groupOf, (group, key) -> views.get().owns(group.name(), key));
    return new ChangesResult(
        self,
        clock.now(),
        done.sets(),
        knownOfThoseIn(told),
        done.stayed(),
        members(membersBefore));
  }

  private VersionVector knownOfThoseIn(Changes told) {
    Map<Long, Long> upTo = new TreeMap<>();
    if (told.baseline() != null) {
      told.baseline()
          .known()
          .upTo()
          .forEach((origin, n) -> upTo.put(origin, known.knownOf(origin)));
    }
    told.removed().forEach(removal -> upTo.put(removal.origin(), known.knownOf(removal.origin())));
    return new VersionVector(upTo);
  }

  /**
   * Carries out changes of a node of version 1, which have no stamps: they count as called now.
   *
   * @param value stored under the one key removed; null for none
   * @param lifeMillis the value's time to live; -1 for that of the group
   * @throws RefusedException if there is no secret, or the value cannot be stored
   */
  public Acknowledgement changeUnstamped(
      List<Removal> removed,
      byte @Nullable [] value,
      long lifeMillis,
      Collection<String> membersBefore)
      throws RefusedException {
    requireChangesAllowed();
    if (value == null) {
      changes.carryOutUnstamped(removed);
    } else if (hasVersion(removed.get(0).group())) {
      changes.carryOutUnstamped(removed); // A set in one version is a removal in all others.
      throw new RefusedException(
          Reason.NO_SUCH_GROUP, "this node has the group with a version of its values");
    } else if (!changes.setUnstamped(removed.get(0), value, lifeMillis)) {
      throw new RefusedException(
          Reason.BAD_REQUEST, "this node does not take this key or value for this group");
    }
    return new Acknowledgement(
        members(membersBefore), Standing.UNTOLD, clock.now(), VersionVector.EMPTY, List.of());
  }

  private boolean hasVersion(String group) {
    return node.find(group).map(found -> !found.version().isEmpty()).orElse(false);
  }

  /** Returns the nodes in the view before a change and after it. */
  private List<String> members(Collection<String> before) {
    Set<String> members = new TreeSet<>(before);
    members.addAll(views.members());
    return List.copyOf(members);
  }

  /**
   * Refuses a node that may not hand entries over.
   *
   * @param sender null if the node does not say which it is
   * @throws RefusedException if there is no secret, or this node was not in contact with the sender
   */
  public void requireMayHandOver(@Nullable Sender sender) throws RefusedException {
    requireChangesAllowed();
    if (sender == null
        || views.nodes().stream().noneMatch(node -> node.contact().node() == sender.node())) {
      throw new RefusedException(
          Reason.NOT_IN_CONTACT, "only a node that was in contact may hand entries over");
    }
  }

  /** Stores the entries whose keys this node owns, and of which it has no fresh value. */
  public HandoverResult accept(LocalGroup group, HandedEntries entries) {
    return receiver.accept(group, entries);
  }

  /**
   * Hears of leases that this node gave to the sender.
   *
   * @param sender null if the node does not say which it is
   * @throws RefusedException if there is no secret, or another node gave them
   */
  public LeaseAnswer leases(LeaseNews news, @Nullable Sender sender) throws RefusedException {
    requireChangesAllowed();
    if (news.to() != self || sender == null) {
      throw new RefusedException(Reason.OTHER_NODE, "another node gave these leases");
    }
    news.alive().forEach(number -> node.renewLease(number, sender.node()));
    return new LeaseAnswer(
        self,
        news.ended().stream()
            .map(ended -> node.endLease(ended.number(), sender.node(), ended.end()))
            .toList());
  }

  private void requireChangesAllowed() throws RefusedException {
    if (!changesAllowed) {
      throw new RefusedException(Reason.CHANGES_NOT_ALLOWED, "changes need a secret");
    }
  }
}
