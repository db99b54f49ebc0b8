package geecache.cluster;

import geecache.CachedValue;
import geecache.Group;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.cluster.RefusedException.Reason;
import geecache.internal.ControlCharacters;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
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

  private final LocalNode node;
  private final boolean changesAllowed;
  private final ViewHolder views;
  private final IncomingChanges changes;
  private final HandoverReceiver receiver;

  IncomingRequests(
      LocalNode node,
      boolean changesAllowed,
      ViewHolder views,
      IncomingChanges changes,
      HandoverReceiver receiver) {
    this.node = node;
    this.changesAllowed = changesAllowed;
    this.views = views;
    this.changes = changes;
    this.receiver = receiver;
  }

  /**
   * Answers a read from memory, or by a load of this node. Asks no third node.
   *
   * @return completed with null if the read is {@code onlyIfCached} and nothing is in memory; fails
   *     as {@link LocalGroup#get} does
   * @throws IllegalArgumentException if {@link Group#requireKey} refuses the key
   */
  public CompletableFuture<@Nullable CachedValue> read(LocalGroup group, KeyRead read) {
    changes.catchUp(group, read.key(), read.removed());
    return read.onlyIfCached()
        ? CompletableFuture.completedFuture(group.handOut(Group.requireKey(read.key())))
        : group.get(read.key());
  }

  /**
   * Meets a node.
   *
   * @param sender null if the node does not say which it is
   * @throws RefusedException if the meeting tells of removals, and there is no secret
   */
  public Acknowledgement meet(Meeting meeting, @Nullable Sender sender) throws RefusedException {
    if (meeting.clear() || !meeting.removed().isEmpty()) {
      requireChangesAllowed();
      if (meeting.clear()) {
        log.info(
            "cleared all groups: {} removed more keys while out of contact than it remembers",
            meeting.url().isEmpty() ? "a node" : ControlCharacters.escape(meeting.url()));
        node.groups().forEach(group -> group.clear(node.nextStamp()));
      }
      changes.catchUp(meeting.removed());
    }
    NodePeer peer = views.get().peer(meeting.url());
    if (peer != null) {
      if (changesAllowed && (sender == null || peer.noteRequest(sender))) {
        views.note(peer, meeting.standing());
      }
      if (!isKnown(peer, sender)) {
        peer.seekContact(); // It has just sent a request, so it can be met.
      }
    }
    return new Acknowledgement(List.copyOf(views.get().urls()), views.standing());
  }

  /** Whether there is contact with this node, and not with an earlier node of its name. */
  private boolean isKnown(NodePeer peer, @Nullable Sender sender) {
    if (!peer.contact().isMade()) {
      return false;
    }
    return sender == null || !changesAllowed || peer.contact().isWith(sender.node());
  }

  /** Returns the nodes that this one knows now, itself included; unmodifiable. */
  public Collection<String> members() {
    return views.get().urls();
  }

  /**
   * Carries a change out. The acknowledgement lists the nodes that must know the change too: the
   * nodes in the view before the change and after it.
   *
   * <p>Interleavings: a node leaves the view in between. On its return it is told the entries that
   * this node's log got since then. The change came earlier, so the caller must tell the node. Or a
   * node joins, and is met before the change is in the log. (Test: {@code
   * aChangeIsAcknowledgedWithTheNodesBeforeIt}.)
   *
   * @param group the group of the change; null if this node has no such group
   * @param membersBefore the nodes when the request arrived
   * @throws RefusedException if there is no secret, or the change cannot be made
   */
  public Acknowledgement change(
      @Nullable LocalGroup group, Change change, Collection<String> membersBefore)
      throws RefusedException {
    requireChangesAllowed();
    if (change.value() == null) {
      changes.remove(change.removed());
    } else if (group == null) {
      throw new RefusedException(Reason.NO_SUCH_GROUP, "no such group");
    } else {
      Removal removal = change.removed().get(0);
      requireStorable(group, removal, change.value());
      Duration life = change.lifeMillis() < 0 ? null : Duration.ofMillis(change.lifeMillis());
      changes.set(group, removal, change.value(), life);
    }
    Set<String> members = new TreeSet<>(membersBefore);
    members.addAll(views.get().urls());
    // Without a standing: reading it would look into all stores.
    return new Acknowledgement(List.copyOf(members), Standing.UNTOLD);
  }

  private static void requireStorable(LocalGroup group, Removal removal, byte[] value)
      throws RefusedException {
    if (!removal.group().equals(group.name())) {
      throw new RefusedException(
          Reason.BAD_REQUEST, "the change is of another group: " + removal.group());
    }
    if (value.length > group.maxValueBytes()) {
      throw new RefusedException(
          Reason.BAD_REQUEST,
          "a value of this group may have at most " + group.maxValueBytes() + " bytes");
    }
    try {
      Group.requireKey(String.valueOf(removal.key()));
    } catch (IllegalArgumentException badKey) {
      throw new RefusedException(Reason.BAD_REQUEST, String.valueOf(badKey.getMessage()));
    }
  }

  /**
   * Refuses a node that may not hand entries over.
   *
   * @param sender null if the node does not say which it is
   * @throws RefusedException if there is no secret, or this node was not in contact with the sender
   */
  public void requireMayHandOver(@Nullable Sender sender) throws RefusedException {
    requireChangesAllowed();
    if (sender == null || !receiver.isOpenFor(sender.node())) {
      throw new RefusedException(
          Reason.NOT_IN_CONTACT, "only a node that was in contact may hand entries over");
    }
  }

  /** Stores the entries whose keys this node owns, and of which it has no fresh value. */
  public HandoverResult accept(LocalGroup group, List<HandedEntry> entries) {
    return receiver.accept(group, entries);
  }

  private void requireChangesAllowed() throws RefusedException {
    if (!changesAllowed) {
      throw new RefusedException(Reason.CHANGES_NOT_ALLOWED, "changes need a secret");
    }
  }
}
