package geecache.http;

import com.google.protobuf.InvalidProtocolBufferException;
import geecache.ByteView;
import geecache.Geecache;
import geecache.Group;
import geecache.LocalGroup;
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
 * Answers what other nodes tell this one beside reads: {@code POST} to {@code /_cluster/meet},
 * {@code /_cluster/change} and {@code /_cluster/handoff}. Reading a body may block.
 */
final class NodeRequests {
  /** Past any message but one that sets a value. */
  private static final int LONGEST = 4 << 20;

  /** Past a meeting that tells of no removals, which is all that strangers may send. */
  private static final int LONGEST_OF_STRANGERS = 16 << 10;

  private final Geecache node;
  private final PeerLinks links;
  private final Views views;
  private final ChangesOfOthers changes;
  private final Takeover takeover;

  /** Answers for {@code node}. */
  NodeRequests(Geecache node, PeerLinks links, Views views, ChangesOfOthers changes) {
    this.node = node;
    this.links = links;
    this.views = views;
    this.changes = changes;
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
        node.local().groups().forEach(LocalGroup::clear);
      }
      changes.catchUp(meeting.removed());
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
    Optional<LocalGroup> group = groupOf(request);
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
    Optional<LocalGroup> group = groupOf(request);
    int limit = group.map(g -> g.maxValueBytes() + LONGEST).orElse(LONGEST);
    byte[] body = request.body(limit);
    if (body == null) {
      return tooLong(limit);
    }
    Change change = ClusterCodec.readChange(body);
    if (change.value() == null) {
      changes.remove(change.removed());
    } else if (group.isPresent()) {
      Removal removal = change.removed().get(0);
      String refusal = refusal(group.get(), removal, change.value());
      if (refusal != null) {
        return Reply.error(400, Status.BAD_REQUEST, refusal);
      }
      Duration life = change.lifeMillis() < 0 ? null : Duration.ofMillis(change.lifeMillis());
      changes.set(group.get(), removal, change.value(), life);
    } else {
      return Reply.error(404, Status.NO_SUCH_GROUP, "no such group");
    }
    members.addAll(views.get().urls());
    return acknowledgement(members, Standing.UNTOLD); // To know it costs a look into the stores.
  }

  /** Why a value is not stored; null if it is. */
  private static @Nullable String refusal(LocalGroup group, Removal removal, byte[] value) {
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

  private Optional<LocalGroup> groupOf(Request request) {
    String query = request.rawQuery() == null ? "" : request.rawQuery();
    return query.startsWith("group=") ? node.local().find(query.substring(6)) : Optional.empty();
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
