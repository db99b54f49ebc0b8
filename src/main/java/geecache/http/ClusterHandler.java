package geecache.http;

import com.google.protobuf.InvalidProtocolBufferException;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.OwnedBytes;
import geecache.cluster.Acknowledgement;
import geecache.cluster.HandedEntries;
import geecache.cluster.IncomingRequests;
import geecache.cluster.RefusedException;
import geecache.cluster.Sender;
import geecache.http.Reply.Status;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Answers other nodes that meet this one, tell it changes or hand entries over: {@code POST} to
 * {@code /_cluster/meet}, {@code /_cluster/changes}, {@code /_cluster/leases} and {@code
 * /_cluster/handoff}; {@code /_cluster/change} is for nodes of version 1. Reading a body may block.
 */
final class ClusterHandler {
  /** More bytes than any other message needs, apart from its largest value. */
  private static final int LONGEST = 4 << 20;

  /** More bytes than a meeting needs that tells no removals. Strangers may send nothing else. */
  private static final int LONGEST_OF_STRANGERS = 16 << 10;

  private final LocalNode node;
  private final IncomingRequests incoming;

  /** Whether there is no secret, so that any stranger may send messages. */
  private final boolean open;

  ClusterHandler(LocalNode node, IncomingRequests incoming, boolean open) {
    this.node = node;
    this.incoming = incoming;
    this.open = open;
  }

  /** Answers a request. Its sender has shown the secret, if there is one. */
  Reply answer(Request request) throws IOException {
    if (!request.method().equals("POST")) {
      return Reply.error(405, Status.METHOD_NOT_ALLOWED, "method not allowed")
          .with("Allow", "POST");
    }
    try {
      return switch (request.rawPath()) {
        case "/meet" -> meet(request);
        case "/changes" -> changes(request);
        case "/change" -> changeOfVersionOne(request);
        case "/handoff" -> handoff(request);
        case "/leases" -> leases(request);
        default -> Reply.error(404, Status.BAD_REQUEST, "no such path below /_cluster");
      };
    } catch (InvalidProtocolBufferException malformed) {
      return Reply.error(400, Status.BAD_REQUEST, "malformed message: " + malformed.getMessage());
    } catch (RefusedException refused) {
      return ReplyFactory.of(refused);
    }
  }

  private Reply meet(Request request) throws IOException, RefusedException {
    int limit = open ? LONGEST_OF_STRANGERS : LONGEST;
    byte[] body = request.body(limit);
    if (body == null) {
      return tooLong(limit);
    }
    return message(incoming.meet(ClusterCodec.readMeeting(body), sender(request)));
  }

  private static @Nullable Sender sender(Request request) {
    String header = request.headers().get(PeerHeaders.SENDER);
    return header == null ? null : PeerHeaders.parseSender(header);
  }

  private Reply handoff(Request request) throws IOException, RefusedException {
    if (open) {
      return ReplyFactory.changesNeedSecret();
    }
    LocalGroup group = groupOf(request);
    if (group == null) {
      return noSuchGroup();
    }
    incoming.requireMayHandOver(sender(request));
    int limit = group.maxValueBytes() + LONGEST;
    byte[] body = request.body(limit);
    if (body == null) {
      return tooLong(limit);
    }
    HandedEntries entries = HandoffCodec.readEntries(body);
    return entries == null
        ? Reply.error(
            403,
            Status.FORBIDDEN,
            "entries of a node of version 1 are not taken, since it cannot say which removals it"
                + " knew: update all nodes")
        : message(HandoffCodec.taken(incoming.accept(group, entries)));
  }

  private Reply changes(Request request) throws IOException, RefusedException {
    if (open) {
      return ReplyFactory.changesNeedSecret();
    }
    Collection<String> membersBefore = incoming.members();
    int largest = node.groups().stream().mapToInt(LocalGroup::maxValueBytes).max().orElse(0);
    int limit = largest + ChangesCodec.LONGEST_WITHOUT_A_VALUE;
    byte[] body = request.body(limit);
    if (body == null) {
      return tooLong(limit);
    }
    return message(
        ChangesCodec.result(incoming.change(ChangesCodec.readChanges(body), membersBefore)));
  }

  private Reply leases(Request request) throws IOException, RefusedException {
    if (open) {
      return ReplyFactory.changesNeedSecret();
    }
    int largest = node.groups().stream().mapToInt(LocalGroup::maxValueBytes).max().orElse(0);
    int limit = largest + LeaseCodec.LONGEST_WITHOUT_A_VALUE;
    byte[] body = request.body(limit);
    if (body == null) {
      return tooLong(limit);
    }
    return message(
        LeaseCodec.answer(incoming.leases(LeaseCodec.readNews(body), sender(request)).taken()));
  }

  private Reply changeOfVersionOne(Request request) throws IOException, RefusedException {
    if (open) {
      return ReplyFactory.changesNeedSecret();
    }
    Collection<String> membersBefore = incoming.members();
    LocalGroup group = groupOf(request);
    int limit = group == null ? LONGEST : group.maxValueBytes() + LONGEST;
    byte[] body = request.body(limit);
    if (body == null) {
      return tooLong(limit);
    }
    VersionOneCodec.Change change = VersionOneCodec.readChange(body);
    if (change.value() != null && group == null) {
      return noSuchGroup();
    }
    return message(
        incoming.changeUnstamped(
            change.removed(), change.value(), change.lifeMillis(), membersBefore));
  }

  private @Nullable LocalGroup groupOf(Request request) {
    String query = request.rawQuery() == null ? "" : request.rawQuery();
    return query.startsWith("group=") ? node.find(query.substring(6)).orElse(null) : null;
  }

  private static Reply message(Acknowledgement acknowledgement) throws IOException {
    return message(ClusterCodec.acknowledgement(acknowledgement));
  }

  private static Reply message(byte[] body) {
    return new Reply(
        200,
        Map.of("Content-Type", ClusterCodec.CONTENT_TYPE, Reply.STATUS_HEADER, Status.OK.token()),
        OwnedBytes.view(body),
        null);
  }

  private static Reply noSuchGroup() {
    return Reply.error(404, Status.NO_SUCH_GROUP, "no such group");
  }

  private static Reply tooLong(int limit) {
    return Reply.error(413, Status.BAD_REQUEST, "a message may have at most " + limit + " bytes");
  }
}
