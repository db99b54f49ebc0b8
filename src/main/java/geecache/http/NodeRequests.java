package geecache.http;

import com.google.protobuf.InvalidProtocolBufferException;
import geecache.ByteView;
import geecache.Geecache;
import geecache.Group;
import geecache.http.ClusterCodec.Change;
import geecache.http.ClusterCodec.Meeting;
import geecache.http.ClusterCodec.Standing;
import geecache.http.Reply.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Answers what other nodes tell this one beside reads: {@code POST /_cluster/meet} and {@code POST
 * /_cluster/change}. Reading a body may block.
 */
final class NodeRequests {
  /** Past any message but one that sets a value. */
  private static final int LONGEST = 4 << 20;

  /** Past a meeting that tells of no removals, which is all that strangers may send. */
  private static final int LONGEST_OF_STRANGERS = 16 << 10;

  /**
   * Guards the step from not knowing a removal to having carried it out, against a set of the same
   * key which bears the same name. Interleaving: a read finds that this node does not know the
   * removal that it carries; the set comes, and is acknowledged; the read removes what was set.
   * Nothing foreign runs under it but the store's own steps.
   */
  private final Object carrying = new Object();

  private final Geecache node;
  private final PeerLinks links;
  private final Views views;
  private final Takeover takeover;

  /** Answers for {@code node}. */
  NodeRequests(Geecache node, PeerLinks links, Views views) {
    this.node = node;
    this.links = links;
    this.views = views;
    this.takeover = new Takeover(links, views);
  }

  /** Answers a request whose secret, if there is one, was shown. */
  Reply answer(Request request) throws IOException {
    if (!request.method().equals("POST")) {
      return Reply.error(405, Status.METHOD_NOT_ALLOWED, "method not allowed")
          .with("Allow", "POST");
    }
    try {
      return switch (request.rawPath()) {
        case "/meet" -> meet(request);
        case "/change" -> change(request);
        case "/handoff" -> handoff(request);
        default -> Reply.error(404, Status.BAD_REQUEST, "no such path below /_cluster");
      };
    } catch (InvalidProtocolBufferException malformed) {
      return Reply.error(400, Status.BAD_REQUEST, "malformed message: " + malformed.getMessage());
    }
  }

  private Reply meet(Request request) throws IOException {
    int limit = links.options().secrets().isEmpty() ? LONGEST_OF_STRANGERS : LONGEST;
    byte[] body = request.body(limit);
    if (body == null) {
      return tooLong(limit);
    }
    Meeting meeting = ClusterCodec.readMeeting(body);
    if (meeting.clear() || !meeting.removed().isEmpty()) {
      if (links.options().secrets().isEmpty()) {
        return Replies.changesNeedSecret();
      }
      if (meeting.clear()) {
        links.log(
            "all groups are cleared here: "
                + (meeting.url().isEmpty() ? "a node" : meeting.url())
                + " removed more while it was out of contact than it can list");
        node.groups().forEach(Group::clearHere);
      }
      meeting.removed().forEach(this::carryOut);
    }
    HTTPPeer peer = views.get().peer(meeting.url());
    if (peer != null) {
      if (!links.options().secrets().isEmpty() && isLatest(peer, request)) {
        views.hear(peer, meeting.standing());
      }
      if (!isKnown(peer, request)) {
        links.meet(peer); // It is there, so it can be met.
      }
    }
    return acknowledgement(views.get().urls(), views.standing());
  }

  /** Whether the node that sends {@code request} has told nothing later, which came before it. */
  private static boolean isLatest(HTTPPeer peer, Request request) {
    PeerMark mark = mark(request);
    return mark == null || peer.hears(mark);
  }

  private static @Nullable PeerMark mark(Request request) {
    String header = request.headers().get(PeerMark.HEADER);
    return header == null ? null : PeerMark.parse(header);
  }

  /** Whether there is contact with the node that sends {@code request}, and with no former one. */
  private boolean isKnown(HTTPPeer peer, Request request) {
    if (!peer.contact().isMade()) {
      return false;
    }
    PeerMark mark = mark(request);
    return mark == null
        || links.options().secrets().isEmpty()
        || peer.contact().isWith(mark.node());
  }

  private Reply handoff(Request request) throws IOException {
    if (links.options().secrets().isEmpty()) {
      return Replies.changesNeedSecret();
    }
    Optional<Group> group = groupOf(request);
    if (group.isEmpty()) {
      return Reply.error(404, Status.NO_SUCH_GROUP, "no such group");
    }
    PeerMark mark = mark(request);
    if (mark == null || !takeover.isOpenFor(mark.node())) {
      return Reply.error(
          403, Status.FORBIDDEN, "only a node that was in contact may hand entries over");
    }
    int limit = group.get().maxValueBytes() + LONGEST;
    byte[] body = request.body(limit);
    if (body == null) {
      return tooLong(limit);
    }
    byte[] taken = HandoffCodec.taken(takeover.take(group.get(), HandoffCodec.readEntries(body)));
    return message(taken);
  }

  /**
   * Carries a change out, and tells who has to know of it too: those who were there before or
   * after.
   *
   * <p>Interleavings: a node leaves the view in between, and is told on its return what this node's
   * log has had since; the change came before that, so the remover has to hear of the node. Or one
   * joins, and is met before the change is in the log. (Test: {@code
   * aChangeIsAcknowledgedWithWhoWasThereBeforeIt}.)
   */
  private Reply change(Request request) throws IOException {
    if (links.options().secrets().isEmpty()) {
      return Replies.changesNeedSecret();
    }
    Set<String> members = new TreeSet<>(views.get().urls());
    Optional<Group> group = groupOf(request);
    int limit = group.map(g -> g.maxValueBytes() + LONGEST).orElse(LONGEST);
    byte[] body = request.body(limit);
    if (body == null) {
      return tooLong(limit);
    }
    Change change = ClusterCodec.readChange(body);
    if (change.value() == null) {
      // Known ones too: what a read brought since it named them may be older than a set.
      synchronized (carrying) {
        change.removed().forEach(this::carryOutOnceMore);
      }
    } else if (group.isPresent()) {
      Removal removal = change.removed().get(0);
      String refusal = refusal(group.get(), removal, change.value());
      if (refusal != null) {
        return Reply.error(400, Status.BAD_REQUEST, refusal);
      }
      Duration life = change.lifeMillis() < 0 ? null : Duration.ofMillis(change.lifeMillis());
      synchronized (carrying) {
        links.removals().announce(removal);
        group.get().setHere(String.valueOf(removal.key()), ByteView.of(change.value()), life);
        links.removals().add(removal);
      }
    } else {
      return Reply.error(404, Status.NO_SUCH_GROUP, "no such group");
    }
    members.addAll(views.get().urls());
    return acknowledgement(members, Standing.UNTOLD); // To know it costs a look into the stores.
  }

  /** Why a value is not stored; null if it is. */
  private static @Nullable String refusal(Group group, Removal removal, byte[] value) {
    if (!removal.group().equals(group.name())) {
      return "the change is of another group: " + removal.group();
    }
    if (value.length > group.maxValueBytes()) {
      return "a value of this group may have at most " + group.maxValueBytes() + " bytes";
    }
    try {
      Group.requireKey(String.valueOf(removal.key()));
      return null;
    } catch (IllegalArgumentException badKey) {
      return badKey.getMessage();
    }
  }

  private Optional<Group> groupOf(Request request) {
    String query = request.rawQuery() == null ? "" : request.rawQuery();
    return query.startsWith("group=") ? node.find(query.substring(6)) : Optional.empty();
  }

  private void carryOut(Removal removal) {
    synchronized (carrying) {
      if (!links.removals().knows(removal.id())) {
        carryOutOnceMore(removal);
      }
    }
  }

  /** Announces it first: see {@link RemovalLog}. */
  private void carryOutOnceMore(Removal removal) {
    links.removals().announce(removal);
    node.find(removal.group())
        .ifPresent(
            group -> {
              if (removal.key() == null) {
                group.clearHere();
              } else {
                group.removeHere(List.of(removal.key()));
              }
            });
    links.removals().add(removal);
  }

  /**
   * Carries out what a read of {@code key} names and this node does not know yet. Where there is no
   * secret, nothing can have been removed, and anybody could say so.
   */
  void carryOut(Group group, String key, List<Removal.Carried> carried) {
    if (links.options().secrets().isEmpty()) {
      return;
    }
    for (Removal.Carried removal : carried) {
      if (links.removals().knows(removal.id())) {
        continue;
      }
      if (removal.everything()) {
        group.removeHere(List.of(key)); // All else is removed when the clearing itself comes.
      } else {
        carryOut(new Removal(removal.id().origin(), removal.id().number(), group.name(), key));
      }
    }
  }

  private static Reply acknowledgement(Collection<String> members, Standing standing)
      throws IOException {
    return message(
        ClusterCodec.acknowledgement(
            new ClusterCodec.Acknowledgement(List.copyOf(members), standing)));
  }

  private static Reply message(byte[] body) {
    return new Reply(
        200,
        Map.of("Content-Type", ClusterCodec.CONTENT_TYPE, Reply.STATUS_HEADER, Status.OK.token()),
        ByteView.of(body),
        null);
  }

  private static Reply tooLong(int limit) {
    return Reply.error(413, Status.BAD_REQUEST, "a message may have at most " + limit + " bytes");
  }
}
